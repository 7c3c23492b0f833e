package dev.ternion.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * SHA-256 over what a training can see of a data set: kind, labels, metrics, then each split's texts and labels in
 * order.
 *
 * <p>Every string is preceded by its length in bytes, every list by its length, and a missing second text is length -1,
 * so no two different data sets feed the same bytes. Row numbers are left out: the same content from another file has
 * the same digest.
 */
final class DatasetDigest {
    private static final String VERSION = "ternion-dataset-1";
    private final MessageDigest sha = sha256();

    private DatasetDigest() {}

    static String of(TaskInfo task, List<Example> train, List<Example> eval, List<Example> test) {
        DatasetDigest digest = new DatasetDigest();
        digest.text(VERSION);
        digest.text(task.kind().name());
        digest.texts(task.labels());
        digest.texts(task.metrics());
        digest.text(task.primaryMetric());
        digest.examples(train);
        digest.examples(eval);
        digest.examples(test);
        return HexFormat.of().formatHex(digest.sha.digest());
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256, which every Java must have", e);
        }
    }

    private void examples(List<Example> examples) {
        number(examples.size());
        for (Example example : examples) {
            text(example.textA());
            text(example.textB());
            number(Float.floatToIntBits(example.label()));
        }
    }

    private void texts(List<String> texts) {
        number(texts.size());
        texts.forEach(this::text);
    }

    private void text(String text) {
        if (text == null) {
            number(-1);
            return;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        number(bytes.length);
        sha.update(bytes);
    }

    private void number(int value) {
        sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, value));
    }
}
