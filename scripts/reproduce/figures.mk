# Figures that look at a chip, or at a training, from one side more.
#
#   make -C scripts/reproduce spectra      light of a bank of rings over the wavelength, while one heater tunes its ring
#   make -C scripts/reproduce confusion    what digits are taken for on a chip without a temperature controller
#   make -C scripts/reproduce curvature    the largest eigenvalue of the Hessian over the radius of sat

MORE_FIGURES := spectra confusion curvature
FIGURES += $(MORE_FIGURES)
.PHONY: $(MORE_FIGURES)
$(foreach f,$(MORE_FIGURES),$(eval $(call figure,$(f),$(f).png)))

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

# over all controls; sat perturbs those of the last two layers. Radii are the labels of the trainings
$(OUT)/curvature.h5: $(RHO)
	$(BIN)/pnn-landscape $(RHO) --data $(OUT)/mnist.h5 --on $(OUT)/lenet.h5 --images $(CURVATURE_IMAGES) --slice none --hessian 1 -q -o $@
$(OUT)/curvature.png: $(OUT)/curvature.h5
	$(PLOT) settings $< --name rho --eigenvalue -o $@
