package dev.ternion.cli;

import dev.ternion.api.v1.Arm;
import dev.ternion.api.v1.Budget;
import dev.ternion.api.v1.FineTuneSpec;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.QatSpec;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The two jobs of the quickstart, from the job files that ship with the project.
 *
 * @param teacher FINE_TUNE job
 * @param student QAT job with two arms
 */
record QuickstartJobs(Job teacher, Job student) {
    private static final double RANDOM_EPOCHS = 3;
    private static final double RANDOM_RATE = 1e-3;

    /**
     * Reads the job files.
     *
     * @param steps budget of each training; null: as in the files
     * @param seed seed; null: as in the files
     */
    static QuickstartJobs read(Integer steps, Long seed) throws IOException {
        Job.Builder teacher = load("quickstart-finetune.yaml").toBuilder();
        Job.Builder student = load("quickstart-qat.yaml").toBuilder();
        FineTuneSpec.Builder fineTune = teacher.getSpecBuilder().getFineTuneBuilder();
        QatSpec.Builder qat = student.getSpecBuilder().getQatBuilder();
        if (steps != null) {
            shorten(fineTune.getBudgetBuilder(), steps);
            shorten(qat.getBudgetBuilder(), steps);
            for (Arm.Builder arm : qat.getArmsBuilderList()) {
                if (arm.hasSchedule()) {
                    int length = Math.min(arm.getSchedule().getSteps(), Math.max(1, steps / 2));
                    arm.getScheduleBuilder().setSteps(length);
                }
            }
        }
        if (seed != null) {
            fineTune.setSeed(seed);
            qat.clearSeeds().addSeeds(seed);
        }
        return new QuickstartJobs(teacher.build(), student.build());
    }

    /** The same jobs for an encoder of random weights, which has more to learn: three epochs, rate 1e-3 everywhere. */
    QuickstartJobs fromRandomWeights() {
        Job.Builder fineTuneJob = teacher.toBuilder();
        FineTuneSpec.Builder fineTune = fineTuneJob.getSpecBuilder().getFineTuneBuilder();
        if (fineTune.getBudget().hasEpochs()) {
            fineTune.getBudgetBuilder().setEpochs(RANDOM_EPOCHS);
        }
        fineTune.getOptimizerBuilder().setLearningRate(RANDOM_RATE).setHeadMultiplier(1);
        Job.Builder qatJob = student.toBuilder();
        for (Arm.Builder arm : qatJob.getSpecBuilder().getQatBuilder().getArmsBuilderList()) {
            arm.getOptimizerBuilder().setLearningRate(RANDOM_RATE);
            if (arm.hasInterventionOptimizer()) {
                arm.getInterventionOptimizerBuilder().setLearningRate(RANDOM_RATE);
            }
        }
        return new QuickstartJobs(fineTuneJob.build(), qatJob.build());
    }

    /** The same jobs on another device. */
    QuickstartJobs on(String device) {
        Job.Builder fineTuneJob = teacher.toBuilder(), qatJob = student.toBuilder();
        fineTuneJob.getSpecBuilder().getFineTuneBuilder().setDevice(device);
        qatJob.getSpecBuilder().getQatBuilder().setDevice(device);
        return new QuickstartJobs(fineTuneJob.build(), qatJob.build());
    }

    /** Id of the encoder that the jobs start from. */
    String encoder() {
        return teacher.getSpec().getFineTune().getModel();
    }

    /** Id of the data set. */
    String dataset() {
        return teacher.getSpec().getFineTune().getData().getDataset();
    }

    /** The same jobs with other ids of all they make, for a server that may have run them before. */
    QuickstartJobs withSuffix(String suffix) {
        Job.Builder fineTuneJob = teacher.toBuilder();
        FineTuneSpec.Builder fineTune = fineTuneJob.getSpecBuilder().getFineTuneBuilder();
        fineTune.setModel(fineTune.getModel() + suffix).setOutputModel(fineTune.getOutputModel() + suffix);
        fineTune.getDataBuilder().setDataset(dataset() + suffix);
        Job.Builder qatJob = student.toBuilder();
        QatSpec.Builder qat = qatJob.getSpecBuilder().getQatBuilder();
        qat.setTeacher(qat.getTeacher() + suffix);
        qat.getDataBuilder().setDataset(dataset() + suffix);
        return new QuickstartJobs(fineTuneJob.build(), qatJob.build());
    }

    private static void shorten(Budget.Builder budget, int steps) {
        budget.clearEpochs().setSteps(steps);
        budget.setEvalEvery(Math.min(budget.getEvalEvery(), steps));
    }

    private static Job load(String name) throws IOException {
        Path file = Home.example(name);
        return JobFile.read(file.toString());
    }
}
