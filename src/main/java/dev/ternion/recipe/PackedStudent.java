package dev.ternion.recipe;

import dev.ternion.artifact.PackedTernary;
import dev.ternion.artifact.SafetensorsWriter;
import dev.ternion.model.Linear;
import dev.ternion.model.bert.BertModel;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.ops.QuantizedWeight;
import dev.ternion.training.TensorValues;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The packed form of a student, {@code packed.safetensors}: for every quantized linear layer {@code NAME.codes} (U8, codes
 * row after row, four per byte when ternary and eight when binary) and {@code NAME.scale} (F32, one per group); every other
 * parameter as F32 under its own name.
 */
public final class PackedStudent {
    private PackedStudent() {}

    /** Writes the packed file. */
    public static void write(BertModel student, Path file) throws IOException {
        Map<String, QuantizedWeight> quantized = new HashMap<>();
        for (Linear linear : student.quantizedLinears()) {
            quantized.put(linear.quantized().weight().name(), linear.quantized().fresh());
        }
        SafetensorsWriter writer = new SafetensorsWriter(file);
        for (Parameter p : student.parameters().all()) {
            QuantizedWeight weight = quantized.get(p.name());
            if (weight == null) {
                writer.add(p.name(), "F32", p.shape().toArray(), () -> TensorValues.read(p.value()));
                continue;
            }
            long bytes = packedSize(weight);
            writer.add(p.name() + ".codes", "U8", new long[] {bytes}, () -> packed(weight));
            writer.add(
                    p.name() + ".scale",
                    "F32",
                    new long[] {weight.scale().count()},
                    () -> TensorValues.read(weight.scale()));
        }
        writer.metadata("layout", student.quant().weights().name().toLowerCase(java.util.Locale.ROOT) + "-rows");
        writer.write();
    }

    private static ByteBuffer packed(QuantizedWeight weight) {
        byte[] codes = weight.codes().device().readBytes(weight.codes());
        return ByteBuffer.wrap(weight.binary() ? PackedTernary.packBinary(codes) : PackedTernary.pack(codes));
    }

    private static long packedSize(QuantizedWeight weight) {
        long count = weight.codes().count();
        return weight.binary() ? PackedTernary.binarySize(count) : PackedTernary.ternarySize(count);
    }

    /** Bytes of all quantized linear weights in fp32. */
    public static long fp32Bytes(BertModel student) {
        return student.quantizedLinears().stream()
                .mapToLong(l -> l.quantized().codes().count() * Float.BYTES)
                .sum();
    }

    /** Bytes of the same weights packed, scales included. */
    public static long packedBytes(BertModel student) {
        return student.quantizedLinears().stream()
                .mapToLong(
                        l -> packedSize(l.quantized()) + l.quantized().scale().count() * Float.BYTES)
                .sum();
    }
}
