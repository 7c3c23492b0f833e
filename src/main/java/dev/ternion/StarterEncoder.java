package dev.ternion;

import dev.ternion.artifact.BertShapes;
import dev.ternion.artifact.EncoderConfig;
import dev.ternion.artifact.SafetensorsWriter;
import dev.ternion.data.CounterRandom;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A small BERT encoder with random weights, for a quickstart where no pretrained one is at hand: two layers of width 128, its
 * vocabulary the words of the shipped headlines. The same files every time.
 */
final class StarterEncoder {
    private static final long SEED = 1;
    private static final int HIDDEN = 128;
    private static final int LAYERS = 2;
    private static final int HEADS = 2;
    private static final int POSITIONS = 64;
    /** Standard deviation of weights at the start, as BERT's. */
    private static final double SIGMA = 0.02;

    private static final Pattern WORD = Pattern.compile("[a-z]+|[0-9]|[^\\sa-z0-9]");

    private StarterEncoder() {}

    /** Writes {@code config.json}, {@code vocab.txt} and {@code model.safetensors} into a new folder. */
    static void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        List<String> vocabulary = vocabulary();
        EncoderConfig config = new EncoderConfig(
                EncoderConfig.BERT,
                vocabulary.size(),
                HIDDEN,
                LAYERS,
                HEADS,
                4 * HIDDEN,
                POSITIONS,
                2,
                1e-12,
                0.1,
                0.1,
                true);
        Files.writeString(folder.resolve("config.json"), config.toJson());
        Files.write(folder.resolve("vocab.txt"), vocabulary);
        SafetensorsWriter writer = new SafetensorsWriter(folder.resolve("model.safetensors"));
        int place = 0;
        for (Map.Entry<String, long[]> tensor : BertShapes.of(config).entrySet()) {
            ByteBuffer bytes = values(tensor.getKey(), tensor.getValue(), place++);
            writer.add(tensor.getKey(), "F32", tensor.getValue(), bytes::duplicate);
        }
        writer.write();
    }

    /** The special tokens, the words that occur twice or more, and letters to spell the others with. */
    private static List<String> vocabulary() throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        for (char letter = 'a'; letter <= 'z'; letter++) {
            counts.put(String.valueOf(letter), 2);
            counts.put("##" + letter, 2);
        }
        try (InputStream in = StarterEncoder.class.getResourceAsStream("/quickstart/train.tsv");
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line : lines.lines().skip(1).toList()) {
                Matcher words =
                        WORD.matcher(line.substring(line.indexOf('\t') + 1).toLowerCase(Locale.ROOT));
                while (words.find()) {
                    counts.merge(words.group(), 1, Integer::sum);
                }
            }
        }
        List<String> vocabulary = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"));
        counts.forEach((word, count) -> {
            if (count > 1) {
                vocabulary.add(word);
            }
        });
        return vocabulary;
    }

    /** Biases 0, layer norms 1, everything else normal (Box-Muller). */
    private static ByteBuffer values(String name, long[] shape, int place) {
        int count = Math.toIntExact(shape.length == 1 ? shape[0] : shape[0] * shape[1]);
        CounterRandom random = CounterRandom.of(SEED, place);
        ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            double value = 0;
            if (shape.length > 1) {
                double radius = Math.sqrt(-2 * Math.log(1 - random.unit(2L * i)));
                value = SIGMA * radius * Math.cos(2 * Math.PI * random.unit(2L * i + 1));
            } else if (name.endsWith("LayerNorm.weight")) {
                value = 1;
            }
            bytes.putFloat(4 * i, (float) value);
        }
        return bytes;
    }
}
