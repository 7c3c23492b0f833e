package dev.ternion.recipe;

import dev.ternion.artifact.Durability;
import dev.ternion.artifact.EncoderConfig;
import dev.ternion.artifact.Manifest;
import dev.ternion.artifact.OwnerFile;
import dev.ternion.artifact.SafetensorsFile;
import dev.ternion.artifact.SafetensorsWriter;
import dev.ternion.backend.Device;
import dev.ternion.model.bert.BertConfig;
import dev.ternion.model.bert.BertModel;
import dev.ternion.tensor.Parameter;
import dev.ternion.training.TensorValues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Reads and writes the folder of a stored model: config.json, model.safetensors, tokenizer, ternion.json, manifest.json, owner. */
public final class ModelFolder {
    /** Latent fp32 weights. */
    public static final String WEIGHTS = "model.safetensors";

    /** Packed codes and scales of a student. */
    public static final String PACKED = "packed.safetensors";

    private static final String CONFIG = "config.json";
    private static final List<String> TOKENIZERS = List.of("tokenizer.json", "vocab.txt");

    private ModelFolder() {}

    /** Sizes of a stored model with its own head, or with none for an encoder. */
    public static BertConfig config(Path folder) throws IOException {
        EncoderConfig c = EncoderConfig.fromJson(folder.resolve(CONFIG));
        ModelCard card = ModelCard.read(folder);
        BertConfig.Pooling pooling = card.pooling() != null
                ? card.pooling()
                : c.hasPooler() ? BertConfig.Pooling.POOLER : BertConfig.Pooling.MEAN;
        int outputs = card.task() == null ? 0 : card.task().outputs();
        return new BertConfig(
                c.vocabSize(),
                c.maxPositions(),
                c.typeVocabSize(),
                c.hiddenSize(),
                c.layers(),
                c.heads(),
                c.intermediateSize(),
                c.layerNormEps(),
                pooling,
                outputs);
    }

    /** A model with its stored weights, as its card describes it. All of them must be there. */
    public static BertModel load(Device device, Path folder) throws IOException {
        BertModel model =
                new BertModel(device, config(folder), ModelCard.read(folder).quant());
        try {
            Set<String> missing = fill(model, folder);
            if (!missing.isEmpty()) {
                throw new IOException(WEIGHTS + " of model " + folder.getFileName() + " lacks " + missing
                        + ": import or train the model again");
            }
            return model;
        } catch (IOException | RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /**
     * Gives a model its stored weights.
     *
     * @return sorted names of the parameters that keep undefined values: the file lacks them, or has a classifier of another
     *     size
     */
    public static Set<String> fill(BertModel model, Path folder) throws IOException {
        Set<String> missing = new TreeSet<>();
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(WEIGHTS))) {
            for (Parameter parameter : model.parameters().all()) {
                if (holds(file, parameter)) {
                    read(file, parameter);
                } else {
                    missing.add(parameter.name());
                }
            }
        }
        return missing;
    }

    /** A classifier made for another task is not this model's. */
    private static boolean holds(SafetensorsFile file, Parameter parameter) throws IOException {
        String name = parameter.name();
        return file.names().contains(name)
                && (!name.startsWith("classifier.")
                        || Arrays.equals(file.shape(name), parameter.shape().toArray()));
    }

    private static void read(SafetensorsFile file, Parameter parameter) throws IOException {
        long[] shape = file.shape(parameter.name());
        if (!Arrays.equals(shape, parameter.shape().toArray())) {
            throw new IOException(WEIGHTS + ": " + parameter.name() + " has shape " + Arrays.toString(shape)
                    + ", wanted " + parameter.shape() + " from config.json: import the model again");
        }
        parameter.value().device().write(parameter.value(), file.read(parameter.name()));
        parameter.changed();
    }

    /**
     * Stores a model under {@code folder}, whole or not at all, and durably. A student is stored twice: latent and packed.
     *
     * @param source folder whose config and tokenizer are taken over
     * @param owner as in {@link OwnerFile}
     * @return SHA-256 of the weights file
     */
    public static String save(BertModel model, ModelCard card, Path source, Path folder, String owner)
            throws IOException {
        Path temporary = folder.resolveSibling("." + folder.getFileName() + ".saving");
        deleteFolder(temporary);
        Files.createDirectories(temporary);
        try {
            List<String> names = new ArrayList<>(List.of(CONFIG, WEIGHTS, ModelCard.NAME));
            Files.copy(source.resolve(CONFIG), temporary.resolve(CONFIG));
            for (String tokenizer : TOKENIZERS) {
                if (Files.exists(source.resolve(tokenizer))) {
                    Files.copy(source.resolve(tokenizer), temporary.resolve(tokenizer));
                    names.add(tokenizer);
                }
            }
            writeWeights(model, temporary.resolve(WEIGHTS));
            if (card.quant() != null) {
                PackedStudent.write(model, temporary.resolve(PACKED));
                names.add(PACKED);
            }
            card.write(temporary);
            Manifest manifest = Manifest.of(temporary, names, card.parent(), "", Optional.empty());
            manifest.write(temporary);
            OwnerFile.write(temporary, owner);
            Durability.syncFiles(temporary);
            deleteFolder(folder);
            Files.move(temporary, folder, StandardCopyOption.ATOMIC_MOVE);
            Durability.syncNames(folder.toAbsolutePath().getParent());
            return manifest.files().get(WEIGHTS).sha256();
        } finally {
            deleteFolder(temporary);
        }
    }

    private static void writeWeights(BertModel model, Path file) throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter(file).metadata("format", "pt");
        for (Parameter p : model.parameters().all()) {
            writer.add(p.name(), "F32", p.shape().toArray(), () -> TensorValues.read(p.value()));
        }
        writer.write();
    }

    private static void deleteFolder(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
