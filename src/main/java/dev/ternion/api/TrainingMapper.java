package dev.ternion.api;

import dev.ternion.recipe.Budget;
import dev.ternion.training.OptimizerSpec;

/** Reads and writes {@link Budget} and {@link OptimizerSpec}. */
final class TrainingMapper {
    private static final int MAX_STEPS = 100_000_000;
    private static final int MAX_BATCH = 4096;

    private TrainingMapper() {}

    static int batchSize(int value, Fields fields) {
        return fields.integer("batch_size", value, Defaults.BATCH_SIZE, 1, MAX_BATCH);
    }

    static Budget readBudget(dev.ternion.api.v1.Budget proto, Fields fields) {
        int steps = fields.integer("steps", proto.getSteps(), 0, 1, MAX_STEPS);
        if (proto.hasEpochs() && proto.getSteps() != 0) {
            fields.problem("epochs", "is " + proto.getEpochs() + " together with steps, wanted one of the two");
        }
        double epochs = fields.real(
                "epochs",
                proto.hasEpochs(),
                proto.getEpochs(),
                Defaults.EPOCHS,
                Range.above(0).to(10_000));
        return new Budget(
                batchSize(proto.getBatchSize(), fields),
                steps > 0 ? 0 : epochs,
                steps,
                fields.integer("eval_every", proto.getEvalEvery(), 0, 1, MAX_STEPS));
    }

    static dev.ternion.api.v1.Budget write(Budget budget) {
        dev.ternion.api.v1.Budget.Builder proto = dev.ternion.api.v1.Budget.newBuilder()
                .setBatchSize(budget.batchSize())
                .setSteps(budget.steps())
                .setEvalEvery(budget.evalEvery());
        if (budget.steps() == 0) {
            proto.setEpochs(budget.epochs());
        }
        return proto.build();
    }

    static OptimizerSpec readOptimizer(dev.ternion.api.v1.OptimizerSpec proto, Fields fields) {
        OptimizerSpec absent = Defaults.OPTIMIZER;
        return new OptimizerSpec(
                fields.constant("kind", proto.getKind(), "KIND_", OptimizerSpec.Kind.class, absent.kind()),
                fields.real(
                        "learning_rate",
                        proto.hasLearningRate(),
                        proto.getLearningRate(),
                        absent.learningRate(),
                        Range.above(0).to(1)),
                fields.real(
                        "warmup",
                        proto.hasWarmup(),
                        proto.getWarmup(),
                        absent.warmup(),
                        Range.from(0).below(1)),
                fields.real(
                        "weight_decay",
                        proto.hasWeightDecay(),
                        proto.getWeightDecay(),
                        absent.weightDecay(),
                        Range.from(0).to(1)),
                fields.real(
                        "max_grad_norm",
                        proto.hasMaxGradNorm(),
                        proto.getMaxGradNorm(),
                        absent.maxGradNorm(),
                        Range.from(0)),
                fields.real(
                        "head_multiplier",
                        proto.hasHeadMultiplier(),
                        proto.getHeadMultiplier(),
                        absent.headMultiplier(),
                        Range.above(0).to(1000)));
    }

    static dev.ternion.api.v1.OptimizerSpec write(OptimizerSpec optimizer) {
        return dev.ternion.api.v1.OptimizerSpec.newBuilder()
                .setKind(dev.ternion.api.v1.OptimizerSpec.Kind.valueOf(
                        "KIND_" + optimizer.kind().name()))
                .setLearningRate(optimizer.learningRate())
                .setWarmup(optimizer.warmup())
                .setWeightDecay(optimizer.weightDecay())
                .setMaxGradNorm(optimizer.maxGradNorm())
                .setHeadMultiplier(optimizer.headMultiplier())
                .build();
    }
}
