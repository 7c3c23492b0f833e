package dev.ternion.recipe.qat;

import dev.ternion.backend.Device;
import dev.ternion.intervention.Site;
import dev.ternion.model.Keep;
import dev.ternion.model.Trace;
import dev.ternion.model.bert.BertModel;
import dev.ternion.recipe.JobListener;
import dev.ternion.recipe.Scores;
import dev.ternion.recipe.TaskData;
import dev.ternion.recipe.checkpoint.History;
import dev.ternion.recipe.checkpoint.Snapshot;
import dev.ternion.training.Evaluator;
import dev.ternion.training.LossBoard;
import dev.ternion.training.PendingStep;
import dev.ternion.training.RecordedSteps;
import dev.ternion.training.StepInputs;
import dev.ternion.training.StudentTraining;
import dev.ternion.training.metrics.Predictions;
import java.io.IOException;
import java.util.Map;

/** One training of a QAT job: a student, its steps and evaluations, and what the report needs of them. */
final class ArmRun implements AutoCloseable {
    private final ArmSpec arm;
    private final long seed;
    private final BertModel student;
    private final StudentTraining training;
    private History history = History.EMPTY;
    private float[] predictions = {};

    ArmRun(Device device, QatSpec spec, ArmSpec arm, long seed, int totalSteps, BertModel teacher) {
        this.arm = arm;
        this.seed = seed;
        student = new BertModel(device, teacher.config(), spec.quant());
        student.parameters().copyFrom(teacher.parameters());
        StudentTraining.Plan plan = new StudentTraining.Plan(
                arm.schedule(),
                arm.losses(),
                arm.interventionOptimizer(),
                arm.optimizer(),
                totalSteps,
                spec.dropout(),
                seed,
                spec.precision());
        training = new StudentTraining(
                student, plan, spec.data().padding(), spec.data().maxLength());
    }

    /** Goes on where an earlier run stopped; to be called before the first step. */
    void restore(Snapshot.Running from) throws IOException {
        training.restore(from.state());
        history = from.history();
        predictions = from.predictions();
    }

    /** All that {@link #restore} needs, between two steps. */
    Snapshot.Running snapshot() {
        return new Snapshot.Running(training.state(), history, predictions);
    }

    Keep teacherSignals() {
        return training.teacherSignals();
    }

    JobListener.Phase phase() {
        return training.nextSite() == null ? JobListener.Phase.FULL_QAT : JobListener.Phase.INTERVENTION;
    }

    StudentTraining.Mode begin() {
        return training.begin();
    }

    LossBoard.Terms compute(StepInputs inputs, Trace teacher, RecordedSteps.HostWork host) {
        return training.compute(inputs, teacher, host);
    }

    PendingStep started(LossBoard.Terms terms) {
        return training.started(terms);
    }

    /** Evaluates as deployed and, while an intervention is on, also with the teacher's signals of the last step. */
    JobListener.Evaluation evaluate(
            TaskData data, Evaluator evaluator, BertModel teacher, Reference reference, Site lastSite) {
        Predictions deployed = evaluator.deployed(student, training.stepsDone());
        Map<String, Double> metrics = Scores.of(data.task(), deployed, reference.predictions());
        Map<String, Double> intervened = Map.of();
        if (lastSite != null) {
            Predictions replaced = evaluator.intervened(student, teacher, lastSite, training.stepsDone());
            intervened = Scores.of(data.task(), replaced, reference.predictions());
        }
        double goal = Reference.SHARE * reference.value();
        history = history.evaluated(training.stepsDone(), metrics, reference.primary(), goal);
        predictions = deployed.values();
        return new JobListener.Evaluation(arm.name(), seed, training.stepsDone(), metrics, intervened);
    }

    void addSeconds(double more) {
        history = history.after(more);
    }

    ArmSpec arm() {
        return arm;
    }

    long seed() {
        return seed;
    }

    BertModel student() {
        return student;
    }

    int stepsDone() {
        return training.stepsDone();
    }

    History history() {
        return history;
    }

    float[] predictions() {
        return predictions;
    }

    @Override
    public void close() {
        training.close();
        student.close();
    }
}
