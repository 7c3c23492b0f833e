package dev.ternion.artifact;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Names of Google's BERT checkpoints → names of Hugging Face's BERT. */
final class TensorFlowNames {
    private static final Pattern LAYER = Pattern.compile("/layer_([0-9]+)/");
    private static final Set<String> EMBEDDINGS =
            Set.of("word_embeddings", "position_embeddings", "token_type_embeddings");
    private static final Map<String, String> LAST = Map.of(
            "kernel",
            "weight",
            "bias",
            "bias",
            "gamma",
            "weight",
            "beta",
            "bias",
            "output_bias",
            "bias",
            "output_weights",
            "weight");

    private TensorFlowNames() {}

    /** Whether the tensor is a dense layer's matrix, [in, out]. */
    static boolean isKernel(String name) {
        return name.endsWith("/kernel");
    }

    /** Empty for what is no parameter of BERT: optimizer slots, counters, other models. */
    static Optional<String> toHuggingFace(String name) {
        String path = "/" + name;
        int bert = path.indexOf("/bert/");
        int cls = path.indexOf("/cls/");
        if (bert < 0 && cls < 0) {
            return Optional.empty();
        }
        String inside = bert >= 0 ? path.substring(bert + "/bert".length()) : path.substring(cls);
        int slash = inside.lastIndexOf('/');
        String last = inside.substring(slash + 1);
        String suffix = EMBEDDINGS.contains(last) ? last + ".weight" : LAST.get(last);
        String module = LAYER.matcher(inside.substring(0, slash + 1)).replaceAll("/layer.$1/");
        return Optional.ofNullable(suffix).map(s -> module.substring(1).replace('/', '.') + s);
    }
}
