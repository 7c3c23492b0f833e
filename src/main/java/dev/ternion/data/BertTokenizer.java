package dev.ternion.data;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A BERT WordPiece tokenizer from a local file; needs no network. Encoding may be called from several threads; close it
 * when no thread encodes.
 *
 * <p>The text is tokenized by the Hugging Face library (through DJL); truncation and the layout [CLS] A [SEP] or [CLS]
 * A [SEP] B [SEP] are ours, as in BERT's reference code, whatever truncation and padding the file asks for. Special
 * tokens written in a text, such as {@code [MASK]}, are taken as those tokens.
 */
public final class BertTokenizer implements AutoCloseable {
    /** Id of the pad token, the same in every BERT vocabulary. */
    public static final int PAD_ID = 0;

    private static final int CHUNK = 1024;
    private static final Map<String, String> OPTIONS =
            Map.of("addSpecialTokens", "true", "truncation", "false", "padding", "false");

    private final HuggingFaceTokenizer library;
    private final int cls;
    private final int sep;

    private BertTokenizer(HuggingFaceTokenizer library) throws IOException {
        this.library = library;
        int[] single = ints(library.encode("a", true, false).getIds());
        if (single.length != 3) {
            throw new IOException("the tokenizer makes " + single.length + " tokens of \"a\", wanted 3: [CLS] a [SEP]");
        }
        this.cls = single[0];
        this.sep = single[2];
        requireBertLayout(single[1]);
    }

    /**
     * Opens a tokenizer file.
     *
     * @param file tokenizer.json, or a vocab.txt of an uncased model (any name ending in {@code .txt})
     * @param cacheFolder where the native library is unpacked, or null for the default of DJL
     * @throws IOException if the file cannot be read or is not a BERT tokenizer
     */
    public static BertTokenizer open(Path file, Path cacheFolder) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return file.getFileName().toString().endsWith(".txt")
                    ? ofVocabulary(in, cacheFolder)
                    : ofJson(in, cacheFolder);
        }
    }

    /** Opens the content of a tokenizer.json; its truncation and padding are ignored. */
    public static BertTokenizer ofJson(InputStream json, Path cacheFolder) throws IOException {
        return load(TokenizerJson.withoutLengths(json), cacheFolder);
    }

    /** Opens the content of a vocab.txt of an uncased model: one token a line, its id the line's number from 0. */
    public static BertTokenizer ofVocabulary(InputStream vocabulary, Path cacheFolder) throws IOException {
        return load(TokenizerJson.uncased(new Vocabulary(vocabulary.readAllBytes())), cacheFolder);
    }

    private static BertTokenizer load(DrainedBytes json, Path cacheFolder) throws IOException {
        TokenizerLibrary.configure(cacheFolder);
        HuggingFaceTokenizer library;
        try {
            library = HuggingFaceTokenizer.newInstance(json.drain(), OPTIONS);
        } catch (RuntimeException e) {
            throw new IOException("the tokenizer library refuses the file: " + e.getMessage(), e);
        }
        try {
            return new BertTokenizer(library);
        } catch (IOException | RuntimeException e) {
            library.close();
            throw e;
        }
    }

    /**
     * Encodes one example.
     *
     * @param textA first text
     * @param textB second text, or null
     * @param maxLength tokens at most, special tokens included; 3 or more
     */
    public Encoding encode(String textA, String textB, int maxLength) {
        return encode(List.of(new Example(textA, textB, 0, 0)), maxLength).get(0);
    }

    /** Encodes examples in order, many at a time, on the library's own threads; results do not depend on them. */
    public List<Encoding> encode(List<Example> examples, int maxLength) {
        if (maxLength < 3) {
            throw new IllegalArgumentException("maximum length is " + maxLength + ", wanted 3 or more");
        }
        List<Encoding> encodings = new ArrayList<>(examples.size());
        for (int from = 0; from < examples.size(); from += CHUNK) {
            List<Example> chunk = examples.subList(from, Math.min(from + CHUNK, examples.size()));
            encodeChunk(chunk, maxLength, encodings);
        }
        return encodings;
    }

    private void encodeChunk(List<Example> chunk, int maxLength, List<Encoding> encodings) {
        List<String> texts = new ArrayList<>(2 * chunk.size());
        for (Example example : chunk) {
            texts.add(example.textA());
            if (example.isPair()) {
                texts.add(example.textB());
            }
        }
        var tokens = library.batchEncode(texts, false, false);
        int next = 0;
        for (Example example : chunk) {
            int[] a = ints(tokens[next++].getIds());
            int[] b = example.isPair() ? ints(tokens[next++].getIds()) : null;
            encodings.add(b == null ? single(a, maxLength) : pair(a, b, maxLength));
        }
    }

    private Encoding single(int[] a, int maxLength) {
        int length = Math.min(a.length, maxLength - 2);
        int[] ids = new int[length + 2];
        ids[0] = cls;
        System.arraycopy(a, 0, ids, 1, length);
        ids[length + 1] = sep;
        return new Encoding(ids, new int[ids.length]);
    }

    /**
     * Longest first [BERT]: drop the last token of the longer text until both fit; of the second if they are equally
     * long.
     */
    private Encoding pair(int[] a, int[] b, int maxLength) {
        int room = maxLength - 3;
        int keepB = Math.min(b.length, Math.max(room / 2, room - a.length));
        int keepA = Math.min(a.length, room - keepB);
        int[] ids = new int[keepA + keepB + 3];
        int[] types = new int[ids.length];
        ids[0] = cls;
        System.arraycopy(a, 0, ids, 1, keepA);
        ids[keepA + 1] = sep;
        System.arraycopy(b, 0, ids, keepA + 2, keepB);
        ids[ids.length - 1] = sep;
        Arrays.fill(types, keepA + 2, types.length, 1);
        return new Encoding(ids, types);
    }

    private void requireBertLayout(int a) throws IOException {
        var pair = library.encode("a", "a", true, false);
        boolean ids = Arrays.equals(ints(pair.getIds()), new int[] {cls, a, sep, a, sep});
        boolean types = Arrays.equals(ints(pair.getTypeIds()), new int[] {0, 0, 0, 1, 1});
        if (!ids || !types) {
            throw new IOException("the tokenizer makes of a pair the ids " + Arrays.toString(pair.getIds()) + ", types "
                    + Arrays.toString(pair.getTypeIds())
                    + ", wanted [CLS] a [SEP] a [SEP] with types 0 0 0 1 1 as in BERT");
        }
        int[] pad = ints(library.encode("[PAD]", false, false).getIds());
        if (!Arrays.equals(pad, new int[] {PAD_ID})) {
            throw new IOException("the tokenizer makes " + Arrays.toString(pad) + " of [PAD], wanted id " + PAD_ID);
        }
    }

    private static int[] ints(long[] values) {
        int[] ints = new int[values.length];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = Math.toIntExact(values[i]);
        }
        return ints;
    }

    @Override
    public void close() {
        library.close();
    }
}
