# Figures that look at a chip, or at a training, from one side more.
#
#   make -C scripts/reproduce spectra       light of a bank of rings over the wavelength, while one heater tunes its ring
#   make -C scripts/reproduce confusion     what digits are taken for on a chip without a temperature controller
#   make -C scripts/reproduce curvature     the largest eigenvalue of the Hessian over the radius of sat
#   make -C scripts/reproduce costs         error, training time and largest eigenvalue of trainings of a mesh
#   make -C scripts/reproduce alone         free space trained for one misalignment, and for all of them
#   make -C scripts/reproduce masks-turned  diffractive masks, both turned
#   make -C scripts/reproduce distribution  a distribution of two numbers that rings generate, on chips never seen
#   make -C scripts/reproduce weights       weights that calibrated chips have, against those that they were asked for
#   make -C scripts/reproduce channels      two weights and their sum in a room, on one flank of the rings and on both
#
# Each ends in a table beside its picture, $(OUT)/NAME.md, with a verdict that names the method it is about.

MORE_FIGURES := spectra confusion curvature costs alone masks-turned distribution weights channels
VERDICTS := curvature costs mesh-map joint alone masks-turned distribution weights channels
FIGURES += $(MORE_FIGURES)
.PHONY: $(MORE_FIGURES)
$(foreach f,$(MORE_FIGURES),$(eval $(call figure,$(f),$(f).png $(if $(filter $(f),$(VERDICTS)),$(f).md))))
# a verdict: name, and the results that scripts/reproduce/verdicts.py makes it of
define judged
$(OUT)/$(1).md: $(addprefix $(OUT)/,$(2)) $(ROOT)/scripts/reproduce/tables $(ROOT)/scripts/reproduce/verdicts.py
	$(ROOT)/scripts/reproduce/tables $(1) $(OUT) -o $$@
endef
# the maps of a mesh and of free space, whose pictures and sweeps stand in the Makefile
mesh-map: $(OUT)/mesh-map.md
misalignment: $(OUT)/joint.md
$(foreach f,mesh-map joint,$(eval $(call judged,$(f),$(f).h5)))
SAMPLES := $(ROOT)/scripts/reproduce/samples

# a bank of four rings: a line a current of the second heater, in one order of the resonances
$(OUT)/bank.h5: | $(OUT)
	$(BIN)/pnn-fabricate --inputs 4 --layer mrr:out=1 -q -o $@
$(OUT)/spectra.h5: $(OUT)/bank.h5
	$(BIN)/pnn-characterize $< --spectra --heater-powers 5 -q -o $@
$(OUT)/spectra.png: $(OUT)/spectra.h5
	$(PLOT) spectra $< --heater "row 0 col 1" --wavelengths 1548.8:1555 -o $@

# all that a chip sees while its temperature walks freely, summed over the walk and the trainings of a method
CONFUSED := bp slope noise sat
$(OUT)/confusion.png: $(OUT)/drift-free.h5
	$(PLOT) confusion $< $(CONFUSED:%=--method %) -o $@

# over all controls; sat perturbs those of the last two layers. Radii are the labels of the trainings; bp, slope and pat
# have none. pat trains on a chip, and all are looked at on the model
lenet-pat = --method pat --lr 2e-3 --device $(OUT)/lenet-chip.h5
LENET_PAT := $(call trainings,lenet,pat)
CURVED := $(RHO) $(call trainings,lenet,bp slope) $(LENET_PAT)
$(OUT)/lenet-chip.h5: | $(OUT)
	$(BIN)/pnn-fabricate --preset mrr-lenet5 -q -o $@
$(LENET_PAT): $(OUT)/lenet-%.h5: $(OUT)/lenet.h5 $(OUT)/mnist.h5 $(OUT)/lenet-chip.h5
	$(BIN)/pnn-train $< --preset mrr-lenet5 --data $(OUT)/mnist.h5 --budget-epochs $(LENET_EPOCHS) --init-flank both $(lenet-$(method)) $(seeded) $(told)
$(OUT)/curvature.h5: $(CURVED)
	$(BIN)/pnn-landscape $(CURVED) --data $(OUT)/mnist.h5 --on $(OUT)/lenet.h5 --images $(CURVATURE_IMAGES) --slice none --hessian 1 -q -o $@
$(OUT)/curvature.png: $(OUT)/curvature.h5
	$(PLOT) settings $< --name rho --eigenvalue -o $@
$(eval $(call judged,curvature,curvature.h5 rho.h5))

# on the mesh that those in situ train on, from a random start; the largest eigenvalue is that of the model
mesh-pat-own := --method pat $(OWN)
MESH_PAT := $(call trainings,mesh,pat-own)
COSTED := $(call trainings,mesh,bp noise sat draws pat-own dat-own sat-dat-own)
$(MESH_PAT): $(OUT)/mesh-%.h5: $(OUT)/mesh.h5 $(OUT)/mnist.h5 $(OUT)/meshes.h5
	$(TRAIN_MESH) $(mesh-$(method))
$(eval $(call sweep,costs,$(COSTED) $(OUT)/meshes.h5,pnn-transfer $(COSTED) --data $(OUT)/mnist.h5 --devices $(OUT)/meshes.h5 --index 0 --images $(IMAGES)))
$(OUT)/costs-curvature.h5: $(COSTED)
	$(BIN)/pnn-landscape $(COSTED) --data $(OUT)/mnist.h5 --on $(OUT)/mesh.h5 --images $(CURVATURE_IMAGES) --slice none --hessian 1 -q -o $@
$(OUT)/costs.png: $(OUT)/costs.h5 $(OUT)/costs-curvature.h5
	$(PLOT) costs $< --curvature $(OUT)/costs-curvature.h5 $(COSTED:%.h5=--told %.json) -o $@
$(eval $(call judged,costs,costs.h5 costs-curvature.h5))

# one misalignment sampled, or all of them (noise-drawn), under each of them and together
ALONE_RATE := --method noise --sigma 0 --lr 1.2e-2
optics-rotation-alone := $(ALONE_RATE) --perturb rotation=1.8
optics-shift-alone := $(ALONE_RATE) --perturb shift=1.7
optics-scale-alone := $(ALONE_RATE) --perturb scale=1.09
OPTICS_ALONE := $(call trainings,optics,rotation-alone shift-alone scale-alone)
ALONE := $(call trainings,optics,bp) $(OPTICS_ALONE) $(call trainings,optics,noise-drawn)
$(OPTICS_ALONE): $(OUT)/optics-%.h5: $(OUT)/aligned.h5 $(OUT)/mnist.h5
	$(BIN)/pnn-train $< --preset freespace-784-144-10 --data $(OUT)/mnist.h5 --budget-epochs $(OPTICS_EPOCHS) $(optics-$(method)) $(seeded) $(told)
$(eval $(call sweep,alone,$(ALONE) $(OUT)/optics.h5,pnn-perturb $(ALONE) --data $(OUT)/mnist.h5 --devices $(OUT)/optics.h5 --index 0:4:1 --images $(IMAGES) --vary rotation=0$(comma)2 --vary shift=0$(comma)2 --vary scale=1$(comma)1.1))
$(OUT)/alone.png: $(OUT)/alone.h5
	$(PLOT) conditions $< -o $@
$(eval $(call judged,alone,alone.h5))

# the masks of d2nn-2x128, both of which turn
TURNED := --inputs 1x28x28 --layer d2nn:out=10$(comma)masks=2$(comma)pixels=128$(comma)pitch=2$(comma)wavelength=532$(comma)gap=2$(comma)block=4$(comma)detectors=2x5$(comma)moving=all --layer normalize
TURNED_DRAWN := --batch 64 --budget $(MASKS_BUDGET) --perturb rotation=1
turned-bp := --method bp --init-std 2 --batch 16 --steps $(MASKS_STEPS)
turned-drawn := --method noise --sigma 0 $(TURNED_DRAWN)
turned-sat := --method sat --rho 0.001 $(TURNED_DRAWN)
TURNED_TRAININGS := $(call trainings,turned,bp drawn sat)
$(OUT)/turned-devices.h5: | $(OUT)
	$(BIN)/pnn-fabricate $(TURNED) --count 5 -q -o $@
$(OUT)/turned-model.h5: $(OUT)/turned-devices.h5
	$(BIN)/pnn-fit $< --model nominal -q -o $@
$(TURNED_TRAININGS): $(OUT)/turned-%.h5: $(OUT)/turned-model.h5 $(OUT)/mnist.h5
	$(BIN)/pnn-train $< --data $(OUT)/mnist.h5 --lr 2e-2 $(turned-$(method)) $(seeded) $(told)
$(eval $(call sweep,masks-turned,$(TURNED_TRAININGS),pnn-perturb $(TURNED_TRAININGS) --data $(OUT)/mnist.h5 --devices $(OUT)/turned-devices.h5 --images $(if $(filter full,$(SCALE)),1000,200) --vary rotation=0$(comma)0.25$(comma)0.5$(comma)0.75$(comma)1$(comma)2$(comma)3))
$(OUT)/masks-turned.png: $(OUT)/masks-turned.h5
	$(PLOT) sweep $< -o $@
$(eval $(call judged,masks-turned,masks-turned.h5))

# eight random powers of light become points of two half moons
POINTS := --inputs 8 --layer mrr:out=32 --layer batchnorm --layer relu --layer mrr:out=32 --layer batchnorm --layer relu --layer mrr:out=2 --layer sigmoid
POINTS_SEEDS := $(SMALL_SEEDS)
# settings by ten other chips, of three trainings of 1500 gradients: rates of 3e-3 to 1e-1, radii and sigmas of three sizes each
points-bp := --method bp --lr 1e-1
points-noise := --method noise --sigma 0.05 --lr 1e-2
points-sat := --method sat --rho 0.003 --rho-warmup 5 --lr 3e-2
points-draws := --method process --draws 4 --perturb temperature=0.25 --lr 1e-2
POINTS_TRAININGS := $(call trainings,points,bp noise sat draws,$(POINTS_SEEDS))
$(OUT)/moons.csv: $(SAMPLES) | $(OUT)
	$(SAMPLES) moons 12000 > $@.part && mv $@.part $@
$(OUT)/moons.h5: $(OUT)/moons.csv
	$(BIN)/pnn-data csv $< --normalize none -q -o $@
$(OUT)/points.h5: | $(OUT)
	$(BIN)/pnn-fit $(POINTS) --model nominal -q -o $@
$(OUT)/points-chips.h5: | $(OUT)
	$(BIN)/pnn-fabricate $(POINTS) --count $(DEVICES) -q -o $@
$(POINTS_TRAININGS): $(OUT)/points-%.h5: $(OUT)/points.h5 $(OUT)/moons.h5
	$(BIN)/pnn-train $< --data $(OUT)/moons.h5 --task generate --batch 128 --budget $(if $(filter full,$(SCALE)),6000,1500) --init-flank both --freeze-statistics 0.5 $(points-$(method)) $(seeded) $(told)
$(eval $(call sweep,distribution,$(POINTS_TRAININGS) $(OUT)/points-chips.h5,pnn-perturb $(POINTS_TRAININGS) --data $(OUT)/moons.h5 --devices $(OUT)/points-chips.h5 --images 1000 --outputs 1000 --vary drift=-0.25:0.25:0.25))
$(OUT)/distribution.png: $(OUT)/distribution.h5
	$(PLOT) points $< -o $@
$(eval $(call judged,distribution,distribution.h5))

# random weights on chips, as commanded by design values, and by what was measured of each chip
WEIGHED := --inputs 8 --layer mrr:out=16
WEIGHING := --map weights --models $(OUT)/weights-models.h5
$(OUT)/weights-samples.csv: $(SAMPLES) | $(OUT)
	$(SAMPLES) unit 8 16 > $@.part && mv $@.part $@
$(OUT)/channels-samples.csv: $(SAMPLES) | $(OUT)
	$(SAMPLES) unit 2 8 > $@.part && mv $@.part $@
$(OUT)/weights-samples.h5 $(OUT)/channels-samples.h5: $(OUT)/%.h5: $(OUT)/%.csv
	$(BIN)/pnn-data csv $< --regression --targets 'y*' --features 'x*' --normalize none --scale-targets none --test $< -q -o $@
$(OUT)/weights-nominal.h5: | $(OUT)
	$(BIN)/pnn-fit $(WEIGHED) --model nominal -q -o $@
$(OUT)/weights-chips.h5: | $(OUT)
	$(BIN)/pnn-fabricate $(WEIGHED) --count $(DEVICES) -q -o $@
$(OUT)/weights-curves.h5: $(OUT)/weights-chips.h5
	$(BIN)/pnn-characterize $< --all --temperatures 21,22,23 --crosstalk -q -o $@
$(OUT)/weights-models.h5: $(OUT)/weights-curves.h5
	$(BIN)/pnn-fit $< --model airy+crosstalk -q -o $@
# weights are drawn, and not trained: one step of no length
DRAWN_WEIGHTS := --steps 1 --lr 1e-12
$(OUT)/weights-drawn.h5: $(OUT)/weights-nominal.h5 $(OUT)/weights-samples.h5
	$(BIN)/pnn-train $< --data $(OUT)/weights-samples.h5 $(DRAWN_WEIGHTS) --init-flank both --init-std 0.5 --label drawn -q -o $@
$(OUT)/weights-drawn.npz: $(OUT)/weights-drawn.h5
	$(BIN)/pnn-export $< --weights -q -o $@
PLACE_WEIGHTS = $(BIN)/pnn-transfer $(OUT)/weights-drawn.h5 --data $(OUT)/weights-samples.h5 --devices $(OUT)/weights-chips.h5 --images 8 --outputs 8 --repeat 16 -q
$(OUT)/weights.h5: $(OUT)/weights-drawn.h5 $(OUT)/weights-chips.h5 $(OUT)/weights-models.h5
	$(PLACE_WEIGHTS) $(WEIGHING) -o $@
$(OUT)/weights-design.h5: $(OUT)/weights-drawn.h5 $(OUT)/weights-chips.h5
	$(PLACE_WEIGHTS) -o $@
$(OUT)/weights.png: $(OUT)/weights.h5 $(OUT)/weights-design.h5 $(OUT)/weights-drawn.npz
	$(PLOT) weights $(OUT)/weights-design.h5 $< --target $(OUT)/weights-drawn.npz --title "by design values" --title "by each chip's own model" -o $@
$(eval $(call judged,weights,weights.h5 weights-design.h5 weights-drawn.npz))

# two rings a row, at weights near 0, where their slope is steep: on one flank, or on one that is drawn for each
$(OUT)/channels-nominal.h5: | $(OUT)
	$(BIN)/pnn-fit --inputs 2 --layer mrr:out=8 --model nominal -q -o $@
$(OUT)/channels-chips.h5: | $(OUT)
	$(BIN)/pnn-fabricate --inputs 2 --layer mrr:out=8 --count $(DEVICES) -q -o $@
CHANNELS := $(OUT)/channels-lower.h5 $(OUT)/channels-both.h5
$(CHANNELS): $(OUT)/channels-%.h5: $(OUT)/channels-nominal.h5 $(OUT)/channels-samples.h5
	$(BIN)/pnn-train $< --data $(OUT)/channels-samples.h5 $(DRAWN_WEIGHTS) --init-flank $* --init-std 0.01 --label $* -q -o $@
# a room, and a controller that holds a hundredth of it; with TRACE the drift that a laboratory measured
$(OUT)/channels-free.csv $(OUT)/channels-held.csv: $(OUT)/channels-%.csv: $(SAMPLES) | $(OUT)
	$(SAMPLES) walk $(if $(filter free,$*),0.2,0.002) > $@.part && mv $@.part $@
CHANNELS_TRACE = $(if $(TRACE),$(TRACE),$(OUT)/channels-$(1).csv) --trace-column $(if $(TRACE),weight,temperature)
$(OUT)/channels.h5 $(OUT)/channels-controlled.h5: $(CHANNELS) $(OUT)/channels-chips.h5 $(OUT)/channels-free.csv $(OUT)/channels-held.csv
	$(BIN)/pnn-perturb $(CHANNELS) --data $(OUT)/channels-samples.h5 --devices $(OUT)/channels-chips.h5 --images 3 --outputs 3 --set readout-noise=0 --trace-points 120 --trace $(if $(findstring controlled,$@),$(OUT)/channels-held.csv --trace-column temperature,$(call CHANNELS_TRACE,free)) -q -o $@
$(OUT)/channels.png: $(OUT)/channels.h5 $(OUT)/channels-controlled.h5 $(OUT)/channels-lower.h5
	$(PLOT) channels $< --held $(OUT)/channels-controlled.h5 -o $@
$(eval $(call judged,channels,channels.h5 channels-controlled.h5))
