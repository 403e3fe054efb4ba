# CIFAR-10 with all convolutions on rings (figures 3b to 3d): chips that no training has seen, each measured and fitted before
# it gets its weights, at temperatures that are off by up to a quarter of a kelvin.
#
#   make -C scripts/reproduce SCALE=full cifar     accuracy over the temperature, and what pictures are taken for
#
# It is part of no other target, since it fetches 139 MB and trains for hours.

CIFAR_EPOCHS := $(if $(filter full,$(SCALE)),24,1)
CIFAR_CHIPS := $(if $(filter full,$(SCALE)),10,2)
# what is left of the deviations of a chip once its curves were measured and fitted
CIFAR_LEFT := --set mrr.delta.sigma=0.003 --set mrr.r.sigma=0.0005 --set mrr.eta.sigma=0.003 --set mrr.resistance.sigma=0 --set mrr.beta.sigma=0.02
cifar-bp := --method bp
cifar-robust := --robust --lr 4e-3 --draws 4 --freeze-statistics 0.6 --perturb temperature=0.3
CIFAR_METHODS := bp robust
CIFAR := $(foreach m,$(CIFAR_METHODS),$(OUT)/cifar-$(m).h5)

.PHONY: cifar
cifar: $(addprefix $(OUT)/,cifar.png cifar-confusion.png)
$(OUT)/cifar10/done: | $(OUT)
	$(ROOT)/scripts/fetch-cifar10 $(OUT)/cifar10 && touch $@
$(OUT)/cifar10.h5: $(OUT)/cifar10/done
	$(BIN)/pnn-data cifar10 --dir $(OUT)/cifar10 --normalize standard -q -o $@
$(OUT)/cifar-model.h5: | $(OUT)
	$(BIN)/pnn-fit --preset mrr-resnet $(CIFAR_LEFT) --model nominal -q -o $@
$(CIFAR): $(OUT)/cifar-%.h5: $(OUT)/cifar-model.h5 $(OUT)/cifar10.h5
	$(BIN)/pnn-train $< --preset mrr-resnet --data $(OUT)/cifar10.h5 --epochs $(CIFAR_EPOCHS) $(cifar-$*) --label $* $(told)
$(OUT)/cifar-chips.h5: | $(OUT)
	$(BIN)/pnn-fabricate --preset mrr-resnet --count $(CIFAR_CHIPS) --seed 200 -q -o $@
$(OUT)/cifar-curves.h5: $(OUT)/cifar-chips.h5
	$(BIN)/pnn-characterize $< --all --averages 64 -q -o $@
$(OUT)/cifar-fits.h5: $(OUT)/cifar-curves.h5
	$(BIN)/pnn-fit $< -q -o $@
$(eval $(call sweep,cifar,$(CIFAR) $(OUT)/cifar-chips.h5 $(OUT)/cifar-fits.h5,pnn-transfer $(CIFAR) --data $(OUT)/cifar10.h5 --devices $(OUT)/cifar-chips.h5 --models $(OUT)/cifar-fits.h5 --map weights --trim temperature --images $(IMAGES) --vary drift=-0.25:0.25:0.125))
$(OUT)/cifar.png: $(OUT)/cifar.h5
	$(PLOT) sweep $< -o $@
$(OUT)/cifar-confusion.png: $(OUT)/cifar.h5
	$(PLOT) confusion $< -o $@
