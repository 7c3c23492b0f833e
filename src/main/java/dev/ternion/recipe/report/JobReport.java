package dev.ternion.recipe.report;

import java.util.List;
import java.util.Map;

/**
 * What a finished job says: arms × metrics × seeds, and contrasts between arms.
 *
 * @param kind FINE_TUNE, QAT or EVALUATE
 * @param primaryMetric metric that decides
 * @param teacher metrics of the teacher on the evaluation split; empty when there is none
 * @param runs one entry per (arm, seed)
 * @param contrasts INTERVENTION minus CONTROL, one per pair of arms and metric
 * @param models ids of the stored models
 * @param notes what a reader must know, for example why a contrast has no seed variance
 * @param execution what computed it
 */
public record JobReport(
        String kind,
        String primaryMetric,
        Map<String, Double> teacher,
        List<Run> runs,
        List<ArmContrast> contrasts,
        List<String> models,
        List<String> notes,
        Execution execution) {
    public JobReport {
        teacher = Map.copyOf(teacher);
        runs = List.copyOf(runs);
        contrasts = List.copyOf(contrasts);
        models = List.copyOf(models);
        notes = List.copyOf(notes);
    }

    /**
     * One training or evaluation.
     *
     * @param arm arm name; empty for FINE_TUNE and EVALUATE
     * @param role CONTROL, INTERVENTION, ABLATION or empty
     * @param metrics deployed metrics at the end
     * @param best best deployed value of the primary metric over all evaluations, and its step
     * @param bestStep step of {@code best}
     * @param stepsToTeacherShare steps until the primary metric first reached 95 % of the teacher's; -1 if never
     * @param steps optimizer steps done
     * @param seconds wall seconds of this training, evaluations included
     * @param fp32Bytes bytes of the quantized linear weights in fp32; 0 when nothing is quantized
     * @param packedBytes bytes of the same weights packed, scales included
     * @param model id of the stored model
     * @param digest SHA-256 of the stored model's weights file
     */
    public record Run(
            String arm,
            String role,
            long seed,
            Map<String, Double> metrics,
            double best,
            int bestStep,
            int stepsToTeacherShare,
            int steps,
            double seconds,
            long fp32Bytes,
            long packedBytes,
            String model,
            String digest) {
        public Run {
            metrics = Map.copyOf(metrics);
        }
    }

    /**
     * What the numbers of a job came from.
     *
     * @param device what computed, for example "cpu AVX2, 2 threads"
     * @param precision FP32 or BF16, see {@code training.Precision}
     * @param denseAlgorithms what a library chose for dense products: its version, then a line for each algorithm with the
     *     products that it computed; empty on a device where none chooses
     */
    public record Execution(String device, String precision, List<String> denseAlgorithms) {
        public Execution {
            denseAlgorithms = List.copyOf(denseAlgorithms);
        }
    }

    /** A contrast with its confidence interval. */
    public record ArmContrast(String intervention, String control, Contrast contrast) {}
}
