package dev.ternion.artifact;

import java.nio.file.Path;
import java.util.List;

/**
 * A model that was imported.
 *
 * @param folder the canonical folder
 * @param config its {@code config.json}
 * @param parameters of encoder and pooler; heads are not counted
 * @param otherTensors names in {@code model.safetensors} beyond encoder and pooler: heads
 * @param warnings what a person should know, whole sentences; empty when all is as published
 * @param manifest its {@code manifest.json}
 */
public record ImportResult(
        Path folder,
        EncoderConfig config,
        long parameters,
        List<String> otherTensors,
        List<String> warnings,
        Manifest manifest) {}
