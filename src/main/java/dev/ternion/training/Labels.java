package dev.ternion.training;

import dev.ternion.backend.Block;
import dev.ternion.backend.DType;
import dev.ternion.backend.Device;
import dev.ternion.tensor.Shape;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.ops.CrossEntropyLoss;
import dev.ternion.tensor.ops.LossSlot;
import dev.ternion.tensor.ops.MseLoss;

/** The labels of a batch on its device: S32 classes, or REAL targets of a regression. */
final class Labels implements AutoCloseable {
    private final Device device;
    private final Block values;

    /** @param outputs of the model's head; 1 is a regression */
    Labels(Device device, int count, int outputs) {
        this.device = device;
        values = device.allocate(outputs == 1 ? DType.REAL : DType.S32, count);
    }

    void write(float[] labels) {
        if (values.dtype() == DType.REAL) {
            device.writeFloats(values, labels);
            return;
        }
        int[] classes = new int[labels.length];
        for (int i = 0; i < labels.length; i++) {
            classes[i] = (int) labels[i];
        }
        device.writeInts(values, classes);
    }

    /** Cross entropy against the classes, or squared error of a regression. */
    void loss(Tape tape, Tensor logits, LossSlot slot) {
        if (values.dtype() == DType.REAL) {
            Tensor target = new Tensor(Shape.of(values.count(), 1), values, false);
            MseLoss.of(tape, logits, target, values.count(), slot);
        } else {
            CrossEntropyLoss.of(tape, logits, values, slot);
        }
    }

    @Override
    public void close() {
        values.close();
    }
}
