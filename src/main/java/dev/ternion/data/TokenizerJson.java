package dev.ternion.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;

/**
 * The Hugging Face tokenizer.json of a BERT tokenizer: read from one, with truncation and padding taken out, or written
 * for a vocab.txt (uncased WordPiece, [BERT]).
 */
final class TokenizerJson {
    /** Names, values, and ends of objects and arrays: a vocabulary of half a million has one million. */
    private static final int MOST_TOKENS = 2_000_000;

    private static final ObjectMapper JSON = BoundedJson.mapper(MOST_TOKENS);
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final List<String> SPECIAL = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");

    private TokenizerJson() {}

    /** The same tokenizer without truncation and padding: lengths are ours to decide. */
    static String withoutLengths(byte[] json) throws IOException {
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IOException("tokenizer.json is not JSON: " + e.getOriginalMessage(), e);
        }
        if (!(root instanceof ObjectNode object) || !object.path("model").isObject()) {
            throw new IOException("tokenizer.json has no \"model\", wanted a Hugging Face fast tokenizer");
        }
        object.putNull("truncation");
        object.putNull("padding");
        return JSON.writeValueAsString(object);
    }

    /**
     * A tokenizer.json for a vocabulary, one token a line, its id the line's number from 0; all lower case, accents
     * stripped.
     */
    static String uncased(List<String> vocabulary) throws IOException {
        ObjectNode vocab = NODES.objectNode();
        for (int id = 0; id < vocabulary.size(); id++) {
            if (vocab.has(vocabulary.get(id))) {
                throw new IOException("vocab.txt has " + RowProblems.quote(vocabulary.get(id)) + " again in line "
                        + (id + 1) + ", wanted each token once");
            }
            vocab.put(vocabulary.get(id), id);
        }
        for (String token : SPECIAL) {
            if (!vocab.has(token)) {
                throw new IOException("vocab.txt has no " + token + ", wanted the vocabulary of a BERT model");
            }
        }
        ObjectNode root = NODES.objectNode();
        root.put("version", "1.0").putNull("truncation").putNull("padding");
        root.set("added_tokens", addedTokens(vocab));
        root.set("normalizer", normalizer());
        root.set("pre_tokenizer", NODES.objectNode().put("type", "BertPreTokenizer"));
        root.set("post_processor", postProcessor(vocab));
        root.set(
                "decoder",
                NODES.objectNode().put("type", "WordPiece").put("prefix", "##").put("cleanup", true));
        root.set("model", model(vocab));
        return JSON.writeValueAsString(root);
    }

    private static ArrayNode addedTokens(ObjectNode vocab) {
        ArrayNode tokens = NODES.arrayNode();
        for (String token : SPECIAL) {
            tokens.addObject()
                    .put("id", vocab.get(token).intValue())
                    .put("content", token)
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false)
                    .put("normalized", false)
                    .put("special", true);
        }
        return tokens;
    }

    private static ObjectNode normalizer() {
        return NODES.objectNode()
                .put("type", "BertNormalizer")
                .put("clean_text", true)
                .put("handle_chinese_chars", true)
                .put("lowercase", true)
                .putNull("strip_accents");
    }

    private static ObjectNode postProcessor(ObjectNode vocab) {
        ObjectNode processor = NODES.objectNode().put("type", "BertProcessing");
        for (String name : List.of("sep", "cls")) {
            String token = "[" + name.toUpperCase(java.util.Locale.ROOT) + "]";
            processor.putArray(name).add(token).add(vocab.get(token).intValue());
        }
        return processor;
    }

    private static ObjectNode model(ObjectNode vocab) {
        ObjectNode model = NODES.objectNode()
                .put("type", "WordPiece")
                .put("unk_token", "[UNK]")
                .put("continuing_subword_prefix", "##")
                .put("max_input_chars_per_word", 100);
        model.set("vocab", vocab);
        return model;
    }
}
