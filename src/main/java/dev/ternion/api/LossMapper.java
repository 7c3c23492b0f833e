package dev.ternion.api;

import dev.ternion.api.v1.LossSpec;
import dev.ternion.training.LossWeights;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads and writes {@link LossWeights}: a preset, and overrides of it. */
final class LossMapper {
    private static final Map<String, LossWeights> PRESETS = presets();

    private LossMapper() {}

    static LossWeights read(LossSpec proto, Fields fields) {
        LossWeights preset = preset(proto.getPreset(), fields);
        LossWeights weights = new LossWeights(
                weight("prediction", proto.hasPrediction(), proto.getPrediction(), preset.prediction(), fields),
                weight(
                        "representation",
                        proto.hasRepresentation(),
                        proto.getRepresentation(),
                        preset.representation(),
                        fields),
                weight("scores", proto.hasScores(), proto.getScores(), preset.scores(), fields),
                weight("output", proto.hasOutput(), proto.getOutput(), preset.output(), fields),
                weight("map_kl", proto.hasMapKl(), proto.getMapKl(), preset.mapKl(), fields),
                weight("ground_truth", proto.hasGroundTruth(), proto.getGroundTruth(), preset.groundTruth(), fields),
                proto.hasPredictionPerClass() ? proto.getPredictionPerClass() : preset.predictionPerClass());
        if (sum(weights) == 0) {
            fields.problem("", "has weight 0 for every loss, wanted one above 0");
        }
        return weights;
    }

    /** Every weight is written; the preset's name only where all are the preset's. */
    static LossSpec write(LossWeights weights) {
        LossSpec.Builder proto = LossSpec.newBuilder()
                .setPrediction(weights.prediction())
                .setRepresentation(weights.representation())
                .setScores(weights.scores())
                .setOutput(weights.output())
                .setMapKl(weights.mapKl())
                .setGroundTruth(weights.groundTruth())
                .setPredictionPerClass(weights.predictionPerClass());
        PRESETS.forEach((name, preset) -> {
            if (preset.equals(weights)) {
                proto.setPreset(name);
            }
        });
        return proto.build();
    }

    private static LossWeights preset(String name, Fields fields) {
        if (name.isEmpty()) {
            return Defaults.LOSSES;
        }
        LossWeights preset = PRESETS.get(name);
        if (preset == null) {
            fields.problem("preset", "is \"" + name + "\", wanted one of " + PRESETS.keySet());
            return Defaults.LOSSES;
        }
        return preset;
    }

    private static double weight(String field, boolean present, double value, double absent, Fields fields) {
        return fields.real(field, present, value, absent, Range.from(0));
    }

    private static double sum(LossWeights w) {
        return w.prediction() + w.representation() + w.scores() + w.output() + w.mapKl() + w.groundTruth();
    }

    private static Map<String, LossWeights> presets() {
        Map<String, LossWeights> presets = new LinkedHashMap<>();
        presets.put("ti-release", LossWeights.tiRelease());
        presets.put("ternarybert", LossWeights.ternaryBert());
        presets.put("map-kl", LossWeights.mapKlVariant());
        return presets;
    }
}
