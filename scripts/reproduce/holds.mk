# One table over all platforms: what robust training gains on devices that no training and no choice of settings saw.
#
#   make -C scripts/reproduce SCALE=full holds                     the table, as $(OUT)/holds.md
#   make -C scripts/reproduce SCALE=full HOLDS="mesh optics" holds  some of its cases
#
# A case has a network and its process (what is fabricated), data, what all of its trainings have, the conditions of the report,
# and methods with the options of each. What is uncertain is given to every method that can use it.

HOLDS := small lenet-narrow lenet lenet-wide lenet-long mesh mesh-long splitters splitters-long phases phases-long optics masks crossbars coder
HOLDS_METHODS := bp noise draws robust
HOLDS_SEEDS := $(if $(filter full,$(SCALE)),1 2 3 4 5,1 2)
HOLDS_DEVICES := $(if $(filter full,$(SCALE)),200,10)
HOLDS_IMAGES := 1000
# cases named …-long train for so many epochs; in them bp and draws are what --robust is compared with
HOLDS_LONG := $(if $(filter full,$(SCALE)),30,3)

holds-chip-small := --preset mrr-small
holds-data-small := small-fashion
holds-train-small := --preset mrr-small --budget 1500
holds-vary-small := --vary drift=-1:1:0.5
holds-images-small := 4000
holds-small-bp := $(small-bp)
holds-small-noise := --method noise --sigma 0.02 --init-flank both --perturb temperature=1
holds-small-draws := $(small-process-drawn-32)
holds-small-robust := $(small-robust)

define holds-lenet
holds-chip-$(1) := --preset mrr-lenet5 --set mrr.delta.sigma=$(2)
holds-data-$(1) := mnist
holds-train-$(1) := --preset mrr-lenet5 --budget-epochs $(3) --init-flank both
holds-vary-$(1) := --vary drift=-2:2:1
holds-images-$(1) := 500
holds-$(1)-draws := $(chips-draws) $(STILL)
holds-$(1)-robust := $(chips-robust)
endef
$(eval $(call holds-lenet,lenet-narrow,0.02,$(CHIPS_EPOCHS)))
$(eval $(call holds-lenet,lenet,0.05,$(CHIPS_EPOCHS)))
$(eval $(call holds-lenet,lenet-wide,0.10,$(CHIPS_EPOCHS)))
$(eval $(call holds-lenet,lenet-long,0.05,$(if $(filter full,$(SCALE)),20,3)))
holds-lenet-bp := $(chips-bp)
holds-lenet-noise := $(chips-noise-drawn) $(STILL)

define holds-mesh
holds-chip-$(1) := --preset mzi64-lenet
holds-data-$(1) := mnist
holds-train-$(1) := --preset mzi64-lenet --budget-epochs $(2)
holds-$(1)-bp := $(mesh-bp)
holds-$(1)-draws := $(mesh-draws)
holds-$(1)-robust := --robust
endef
$(eval $(call holds-mesh,mesh,$(MESH_EPOCHS)))
$(eval $(call holds-mesh,mesh-long,$(HOLDS_LONG)))
holds-mesh-noise := $(mesh-noise)

define holds-light
holds-chip-$(1) := --preset mpnn-3x64 $(light-$(2))
holds-data-$(1) := spectra-mnist
holds-train-$(1) := --preset mpnn-3x64 --budget-epochs $(3)
holds-$(1)-bp := $(light-bp)
holds-$(1)-draws := --method process --draws 4
holds-$(1)-robust := --robust
endef
$(eval $(call holds-light,splitters,splitters,$(LIGHT_EPOCHS)))
$(eval $(call holds-light,splitters-long,splitters,$(HOLDS_LONG)))
$(eval $(call holds-light,phases,phases,$(LIGHT_EPOCHS)))
$(eval $(call holds-light,phases-long,phases,$(HOLDS_LONG)))
holds-splitters-noise := $(light-noise)
holds-phases-noise := $(light-noise)

holds-chip-optics := --preset freespace-784-144-10
holds-data-optics := mnist
holds-train-optics := --preset freespace-784-144-10 --budget-epochs $(if $(filter full,$(SCALE)),20,$(OPTICS_EPOCHS))
holds-vary-optics := --vary rotation=0,2 --vary shift=0,2 --vary scale=1,1.1
holds-optics-perturb := --perturb rotation=1.8 --perturb shift=1.7 --perturb scale=1.09
holds-optics-bp := $(optics-bp)
holds-optics-noise := --method noise --sigma 0.05 --lr 6e-3 $(holds-optics-perturb)
holds-optics-draws := $(optics-draws)
holds-optics-robust := --robust $(holds-optics-perturb)

holds-chip-masks := --preset d2nn-2x128
holds-data-masks := mnist
holds-train-masks := --preset d2nn-2x128 --budget $(MASKS_BUDGET)
holds-vary-masks := --vary rotation=0,3 --vary shift=0,2
holds-masks-perturb := --perturb rotation=1 --perturb shift=2
holds-masks-bp := --method bp --init-std 2
holds-masks-draws := --method noise --sigma 0 $(holds-masks-perturb)
holds-masks-robust := --robust $(holds-masks-perturb)

holds-chip-crossbars := $(pcm-rough)
holds-data-crossbars := small-fashion
holds-train-crossbars := --batch 128 --lr 1e-2 --budget 1500
holds-images-crossbars := 4000
holds-vary-crossbars := --vary age=0,60,3600,86400,2.6e6,3.2e7
holds-crossbars-bp := $(pcm-train-bp)
holds-crossbars-noise := --method noise --sigma $(PCM_NOISE_rough)
holds-crossbars-draws := --method process --draws 32 $(PCM_AGE)
holds-crossbars-robust := --robust $(PCM_AGE)

# a network that gives pictures back: its mean squared errors, the smaller the better
holds-chip-coder := --preset mrr-autoencoder --set mrr.delta.sigma=0.02
holds-data-coder := mnist
holds-train-coder := --preset mrr-autoencoder --budget $(CODER_BUDGET) --init-flank both
holds-vary-coder := --vary drift=-0.25:0.25:0.25
holds-images-coder := 200
holds-coder-bp := --method bp
holds-coder-noise := --method noise --sigma 0.01 --perturb temperature=0.25
holds-coder-draws := --method process --draws 4 --perturb temperature=0.25 --freeze-statistics 0.5
holds-coder-robust := --robust --perturb temperature=0.25

# a case: only methods that it has options for
define holds-case
HOLDS_$(1) := $$(call trainings,holds-$(1),$$(foreach m,$$(HOLDS_METHODS),$$(if $$(holds-$(1)-$$(m)),$$(m))),$$(HOLDS_SEEDS))
$$(OUT)/holds-$(1)-chips.h5: | $$(OUT)
	$$(BIN)/pnn-fabricate $$(holds-chip-$(1)) --count $$(HOLDS_DEVICES) --seed 200 -q -o $$@
$$(OUT)/holds-$(1)-model.h5: | $$(OUT)
	$$(BIN)/pnn-fit $$(holds-chip-$(1)) --model nominal -q -o $$@
$$(HOLDS_$(1)): $$(OUT)/holds-$(1)-%.h5: $$(OUT)/holds-$(1)-model.h5 $$(OUT)/$$(holds-data-$(1)).h5
	$$(BIN)/pnn-train $$< --data $$(OUT)/$$(holds-data-$(1)).h5 $$(holds-train-$(1)) $$(holds-$(1)-$$(method)) $$(seeded) $$(told)
$$(eval $$(call sweep,holds-$(1),$$(HOLDS_$(1)) $$(OUT)/holds-$(1)-chips.h5,$$(if $$(holds-vary-$(1)),pnn-perturb,pnn-transfer) $$(HOLDS_$(1)) --data $$(OUT)/$$(holds-data-$(1)).h5 --devices $$(OUT)/holds-$(1)-chips.h5 --images $$(or $$(holds-images-$(1)),$$(HOLDS_IMAGES)) $$(holds-vary-$(1))))
endef
$(foreach c,$(HOLDS),$(eval $(call holds-case,$(c))))
$(eval $(call table,holds,$(HOLDS:%=holds-%.h5)))

# What adjusting each deployed device gains and costs, for all methods alike: some devices of two of these cases, at temperatures
# beyond those of the training; and recalibration along a measured drift, in place of robust training.
#
#   make -C scripts/reproduce SCALE=full TRACE=drift.csv deployment
DEPLOYED := small lenet
DEPLOY_INDEX := 0:$(if $(filter full,$(SCALE)),9,1):1
deploy-small := --vary drift=-1:1:1 --trim finetune --models $(OUT)/holds-small-model.h5
deploy-lenet := --vary drift=-2:2:2 --trim batchnorm --trim temperature,batchnorm --trim finetune --models $(OUT)/holds-lenet-model.h5
define deploy-case
$$(eval $$(call sweep,deploy-$(1),$$(HOLDS_$(1)) $$(OUT)/holds-$(1)-chips.h5,pnn-transfer $$(HOLDS_$(1)) --data $$(OUT)/$$(holds-data-$(1)).h5 --devices $$(OUT)/holds-$(1)-chips.h5 --index $$(DEPLOY_INDEX) --images 500 --trim none --trim temperature --trim gain $$(deploy-$(1)) --recalibrate always --trim-samples 200 --finetune-steps 100 --method pat --lr 1e-4))
$$(eval $$(call sweep,recalibrated-$(1),$$(HOLDS_$(1)) $$(OUT)/holds-$(1)-chips.h5 $$(TRACE),pnn-perturb $$(HOLDS_$(1)) --data $$(OUT)/$$(holds-data-$(1)).h5 --devices $$(OUT)/holds-$(1)-chips.h5 --index $$(DEPLOY_INDEX) --images 500 --trace $$(TRACE) --trace-column weight --trace-points 13 --trim none --trim temperature --recalibrate once --recalibrate 2min --trim-samples 200))
$$(OUT)/deploy-$(1).png: $$(OUT)/deploy-$(1).h5
	$$(PLOT) deployment $$< -o $$@
$$(OUT)/recalibrated-$(1).png: $$(OUT)/recalibrated-$(1).h5
	$$(PLOT) sweep $$< -o $$@
endef
$(foreach c,$(DEPLOYED),$(eval $(call deploy-case,$(c))))
$(eval $(call table,deployment,$(DEPLOYED:%=deploy-%.h5) $(if $(TRACE),$(DEPLOYED:%=recalibrated-%.h5))))
deployment: $(DEPLOYED:%=$(OUT)/deploy-%.png) $(if $(TRACE),$(DEPLOYED:%=$(OUT)/recalibrated-%.png))
