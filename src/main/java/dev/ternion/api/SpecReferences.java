package dev.ternion.api;

import dev.ternion.recipe.JobSpec;
import dev.ternion.recipe.evaluate.EvaluateSpec;
import dev.ternion.recipe.finetune.FineTuneSpec;
import dev.ternion.recipe.qat.ArmSpec;
import dev.ternion.recipe.qat.QatSpec;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What a job reads and makes.
 *
 * @param models ids of the models it reads
 * @param datasets ids of the data sets it reads
 * @param outputs ids of the models it makes
 */
public record SpecReferences(Set<String> models, Set<String> datasets, Set<String> outputs) {
    public SpecReferences {
        models = Set.copyOf(models);
        datasets = Set.copyOf(datasets);
        outputs = Set.copyOf(outputs);
    }

    /** The references of a spec. */
    public static SpecReferences of(JobSpec spec) {
        Set<String> datasets = Set.of(spec.data().dataset());
        if (spec instanceof FineTuneSpec fineTune) {
            return new SpecReferences(Set.of(fineTune.model()), datasets, Set.of(fineTune.outputModel()));
        }
        if (spec instanceof QatSpec qat) {
            return new SpecReferences(Set.of(qat.teacher()), datasets, outputs(qat));
        }
        if (spec instanceof EvaluateSpec evaluate) {
            return new SpecReferences(Set.of(evaluate.model()), datasets, Set.of());
        }
        throw new IllegalArgumentException("no references known for " + spec.getClass());
    }

    /** Id of the student of an arm and a seed. */
    public static String studentId(String prefix, String arm, long seed) {
        return prefix + "-" + arm + "-" + seed;
    }

    private static Set<String> outputs(QatSpec qat) {
        Set<String> outputs = new LinkedHashSet<>();
        for (ArmSpec arm : qat.arms()) {
            qat.seeds().forEach(seed -> outputs.add(studentId(qat.outputModel(), arm.name(), seed)));
        }
        return outputs;
    }
}
