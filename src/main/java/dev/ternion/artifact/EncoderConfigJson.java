package dev.ternion.artifact;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@link EncoderConfig} ↔ Hugging Face's {@code config.json}. */
final class EncoderConfigJson {
    static final long LONGEST = 16 << 20;

    private static final int WIDEST = 1 << 20;
    private static final int LARGEST_VOCAB = 1 << 24;
    private static final int MOST_LAYERS = 1000;

    private final JsonNode json;
    private final List<String> problems = new ArrayList<>();

    private EncoderConfigJson(JsonNode json) {
        this.json = json;
    }

    static EncoderConfig read(Path file) throws IOException {
        EncoderConfigJson reader = new EncoderConfigJson(StrictJson.read(file, LONGEST));
        EncoderConfig config = reader.config();
        if (!reader.problems.isEmpty()) {
            throw ArtifactException.of(
                    file,
                    reader.problems.size() + " problems",
                    reader.problems.size() == 1 ? "this" : "all of these",
                    "a config.json of a BERT encoder",
                    "Correct or choose another model: " + String.join("; ", reader.problems) + ".");
        }
        return config;
    }

    static ObjectNode write(EncoderConfig config) {
        ObjectNode node = StrictJson.object();
        node.put("attention_probs_dropout_prob", config.attentionDropout());
        node.put("has_pooler", config.hasPooler());
        node.put("hidden_act", "gelu");
        node.put("hidden_dropout_prob", config.hiddenDropout());
        node.put("hidden_size", config.hiddenSize());
        node.put("intermediate_size", config.intermediateSize());
        node.put("layer_norm_eps", config.layerNormEps());
        node.put("max_position_embeddings", config.maxPositions());
        node.put("model_type", config.modelType());
        node.put("num_attention_heads", config.heads());
        node.put("num_hidden_layers", config.layers());
        node.put("type_vocab_size", config.typeVocabSize());
        node.put("vocab_size", config.vocabSize());
        return node;
    }

    private EncoderConfig config() {
        String type = text("model_type", null, EncoderConfig.BERT);
        text("hidden_act", "gelu", "gelu");
        text("position_embedding_type", "absolute", "absolute");
        if (flag("is_decoder", false)) {
            problems.add("is_decoder: saw true, wanted false");
        }
        EncoderConfig config = new EncoderConfig(
                type,
                whole("vocab_size", LARGEST_VOCAB),
                whole("hidden_size", WIDEST),
                whole("num_hidden_layers", MOST_LAYERS),
                whole("num_attention_heads", WIDEST),
                whole("intermediate_size", WIDEST),
                whole("max_position_embeddings", WIDEST),
                whole("type_vocab_size", WIDEST),
                number("layer_norm_eps", 1e-12, Double.MIN_VALUE),
                number("hidden_dropout_prob", 0.1, 0),
                number("attention_probs_dropout_prob", 0.1, 0),
                flag("has_pooler", true));
        requireHeadsDivide(config);
        return config;
    }

    private void requireHeadsDivide(EncoderConfig config) {
        if (config.heads() > 0 && config.hiddenSize() > 0 && config.hiddenSize() % config.heads() != 0) {
            problems.add("hidden_size: saw " + config.hiddenSize() + ", wanted a multiple of num_attention_heads = "
                    + config.heads());
        }
    }

    /** @param standard what a missing key means, or null if it must be there */
    private String text(String key, String standard, String wanted) {
        JsonNode node = json.path(key);
        String seen = node.isMissingNode() ? standard : node.isTextual() ? node.textValue() : StrictJson.shown(node);
        if (seen == null) {
            problems.add(key + ": missing, wanted \"" + wanted + "\"");
        } else if (!seen.equals(wanted)) {
            problems.add(key + ": saw " + StrictJson.shown(node) + ", wanted \"" + wanted + "\"");
        }
        return seen;
    }

    private int whole(String key, int most) {
        JsonNode node = json.path(key);
        if (node.isMissingNode()) {
            problems.add(key + ": missing");
        } else if (!node.isIntegralNumber()
                || !node.canConvertToInt()
                || node.intValue() < 1
                || node.intValue() > most) {
            problems.add(key + ": saw " + StrictJson.shown(node) + ", wanted a whole number from 1 to " + most);
        }
        return node.asInt();
    }

    private double number(String key, double standard, double least) {
        JsonNode node = json.path(key);
        if (node.isMissingNode()) {
            return standard;
        }
        double value = node.asDouble();
        if (!node.isNumber() || !(value >= least && value < 1)) {
            problems.add(key + ": saw " + StrictJson.shown(node) + ", wanted a number "
                    + (least > 0 ? "above 0" : "from 0") + " and below 1");
        }
        return value;
    }

    private boolean flag(String key, boolean standard) {
        JsonNode node = json.path(key);
        if (node.isMissingNode()) {
            return standard;
        }
        if (!node.isBoolean()) {
            problems.add(key + ": saw " + StrictJson.shown(node) + ", wanted true or false");
        }
        return node.asBoolean();
    }
}
