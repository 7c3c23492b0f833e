package dev.ternion.recipe.qat;

import dev.ternion.model.bert.BertModel;
import dev.ternion.recipe.JobListener;
import dev.ternion.recipe.Scores;
import dev.ternion.recipe.TaskData;
import dev.ternion.training.Evaluator;
import dev.ternion.training.metrics.Predictions;

/** The {@link Reference} of a job, made when it is first asked for: a job that goes on trains before it evaluates. */
final class TeacherReference {
    private final BertModel teacher;
    private final TaskData data;
    private final Evaluator evaluator;
    private final JobListener listener;
    private Reference made;

    TeacherReference(BertModel teacher, TaskData data, Evaluator evaluator, JobListener listener) {
        this.teacher = teacher;
        this.data = data;
        this.evaluator = evaluator;
        this.listener = listener;
    }

    Reference get() {
        if (made == null) {
            listener.phase(JobListener.Phase.EVALUATING, "", 0, "evaluating the teacher");
            Predictions predictions = evaluator.deployed(teacher, 0);
            made = new Reference(Scores.primary(data.task()), Scores.of(data.task(), predictions), predictions);
        }
        return made;
    }
}
