package dev.ternion.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The Hugging Face tokenizer.json of a BERT tokenizer: read from one, with truncation and padding taken out, or written
 * for a vocab.txt (uncased WordPiece, [BERT]). Neither is ever held as a tree.
 */
final class TokenizerJson {
    /** Names, values, and ends of objects and arrays. */
    private static final int MOST_TOKENS = 1_000_000;

    private static final JsonFactory JSON =
            BoundedJson.factory(MOST_TOKENS, BoundedJson.LONGEST_TEXT).build();
    private static final Set<String> LENGTHS = Set.of("truncation", "padding");
    private static final List<String> SPECIAL = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");

    private TokenizerJson() {}

    /** The same tokenizer without truncation and padding: lengths are ours to decide. */
    static DrainedBytes withoutLengths(InputStream tokenizer) throws IOException {
        DrainedBytes out = new DrainedBytes();
        boolean model;
        try (JsonParser in = JSON.createParser(BoundedJson.text(tokenizer));
                JsonGenerator json = JSON.createGenerator(out)) {
            model = in.nextToken() == JsonToken.START_OBJECT && copyObject(in, json);
        } catch (CharacterCodingException e) {
            throw new IOException("tokenizer.json is not UTF-8", e);
        } catch (JsonProcessingException e) {
            throw new IOException("tokenizer.json is not JSON: " + e.getOriginalMessage(), e);
        }
        if (!model) {
            throw new IOException("tokenizer.json has no \"model\", wanted a Hugging Face fast tokenizer");
        }
        return out;
    }

    /** @return whether there is a model */
    private static boolean copyObject(JsonParser in, JsonGenerator json) throws IOException {
        boolean model = false;
        json.writeStartObject();
        while (in.nextToken() != JsonToken.END_OBJECT) {
            String name = in.currentName();
            JsonToken value = in.nextToken();
            if (LENGTHS.contains(name)) {
                in.skipChildren();
            } else {
                model |= name.equals("model") && value == JsonToken.START_OBJECT;
                json.writeFieldName(name);
                copyValue(in, json);
            }
        }
        noLengths(json);
        json.writeEndObject();
        return model;
    }

    private static void copyValue(JsonParser in, JsonGenerator json) throws IOException {
        int depth = 0;
        do {
            JsonToken token = in.currentToken();
            depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
            if (token.isNumeric()) {
                json.writeNumber(in.getText());
            } else {
                json.copyCurrentEvent(in);
            }
        } while (depth > 0 && in.nextToken() != null);
    }

    private static void noLengths(JsonGenerator json) throws IOException {
        json.writeNullField("truncation");
        json.writeNullField("padding");
    }

    /** A tokenizer.json for a vocabulary; all lower case, accents stripped. */
    static DrainedBytes uncased(Vocabulary vocabulary) throws IOException {
        for (String token : SPECIAL) {
            if (vocabulary.id(token) < 0) {
                throw new IOException("vocab.txt has no " + token + ", wanted the vocabulary of a BERT model");
            }
        }
        DrainedBytes out = new DrainedBytes();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("version", "1.0");
            noLengths(json);
            addedTokens(json, vocabulary);
            normalizer(json);
            object(json, "pre_tokenizer", "BertPreTokenizer");
            json.writeEndObject();
            postProcessor(json, vocabulary);
            object(json, "decoder", "WordPiece");
            json.writeStringField("prefix", "##");
            json.writeBooleanField("cleanup", true);
            json.writeEndObject();
            model(json, vocabulary);
            json.writeEndObject();
        }
        return out;
    }

    private static void object(JsonGenerator json, String name, String type) throws IOException {
        json.writeObjectFieldStart(name);
        json.writeStringField("type", type);
    }

    private static void addedTokens(JsonGenerator json, Vocabulary vocabulary) throws IOException {
        json.writeArrayFieldStart("added_tokens");
        for (String token : SPECIAL) {
            json.writeStartObject();
            json.writeNumberField("id", vocabulary.id(token));
            json.writeStringField("content", token);
            for (String no : List.of("single_word", "lstrip", "rstrip", "normalized")) {
                json.writeBooleanField(no, false);
            }
            json.writeBooleanField("special", true);
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void normalizer(JsonGenerator json) throws IOException {
        object(json, "normalizer", "BertNormalizer");
        for (String yes : List.of("clean_text", "handle_chinese_chars", "lowercase")) {
            json.writeBooleanField(yes, true);
        }
        json.writeNullField("strip_accents");
        json.writeEndObject();
    }

    private static void postProcessor(JsonGenerator json, Vocabulary vocabulary) throws IOException {
        object(json, "post_processor", "BertProcessing");
        for (String name : List.of("sep", "cls")) {
            String token = "[" + name.toUpperCase(Locale.ROOT) + "]";
            json.writeArrayFieldStart(name);
            json.writeString(token);
            json.writeNumber(vocabulary.id(token));
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static void model(JsonGenerator json, Vocabulary vocabulary) throws IOException {
        object(json, "model", "WordPiece");
        json.writeStringField("unk_token", "[UNK]");
        json.writeStringField("continuing_subword_prefix", "##");
        json.writeNumberField("max_input_chars_per_word", 100);
        json.writeObjectFieldStart("vocab");
        for (int id = 0; id < vocabulary.size(); id++) {
            json.writeNumberField(vocabulary.token(id), id);
        }
        json.writeEndObject();
        json.writeEndObject();
    }
}
