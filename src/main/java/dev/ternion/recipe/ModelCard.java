package dev.ternion.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.ternion.data.Padding;
import dev.ternion.data.TaskInfo;
import dev.ternion.model.bert.BertConfig;
import dev.ternion.quant.QuantSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a stored model is and how it is to be used: {@code ternion.json} beside the weights.
 *
 * @param kind what it can do
 * @param task its task; null for an ENCODER
 * @param pooling how sentence vectors are made; null for an ENCODER
 * @param quant the student's quantizers; null in full precision
 * @param maxLength tokens per example in training; 0 for an ENCODER
 * @param padding of training; null for an ENCODER
 * @param metrics deployed metrics when it was stored
 * @param parent id of the model it was trained from; empty for an import
 */
public record ModelCard(
        Kind kind,
        TaskInfo task,
        BertConfig.Pooling pooling,
        QuantSpec quant,
        int maxLength,
        Padding padding,
        Map<String, Double> metrics,
        String parent) {
    /** File name in the model's folder. */
    public static final String NAME = "ternion.json";

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    public ModelCard {
        metrics = metrics == null ? Map.of() : new TreeMap<>(metrics);
    }

    /** What a stored model can do. */
    public enum Kind {
        /** No head: the start of a fine-tuning. */
        ENCODER,
        /** Full precision with a task head: can teach. */
        FINE_TUNED,
        /** Quantized. */
        STUDENT
    }

    /** Card of an imported encoder. */
    public static ModelCard encoder() {
        return new ModelCard(Kind.ENCODER, null, null, null, 0, null, Map.of(), "");
    }

    /** Reads the card of a folder; an import without one is an encoder. */
    public static ModelCard read(Path folder) throws IOException {
        Path file = folder.resolve(NAME);
        if (!Files.exists(file)) {
            return encoder();
        }
        ModelCard card;
        try {
            card = JSON.readValue(Files.readString(file), ModelCard.class);
        } catch (JsonProcessingException e) {
            throw unreadable(folder, e.getOriginalMessage(), e);
        }
        if (card == null || card.kind() == null) {
            throw unreadable(folder, "kind is absent", null);
        }
        return card;
    }

    private static IOException unreadable(Path folder, String why, IOException cause) {
        return new IOException(
                NAME + " of model " + folder.getFileName() + " cannot be read (" + why
                        + "): import or train the model again",
                cause);
    }

    void write(Path folder) throws IOException {
        Files.writeString(folder.resolve(NAME), JSON.writeValueAsString(this) + "\n");
    }
}
