package dev.ternion.training;

import dev.ternion.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** A training's state with its values, apart from the device; equal when all bytes are. */
record StateCopy(int step, int optimizerStep, Map<String, Integer> updates, Map<String, ByteBuffer> tensors) {
    static StateCopy of(TrainingState state) {
        Map<String, ByteBuffer> tensors = read(state.weights());
        tensors.putAll(read(state.optimizer().moments()));
        return new StateCopy(
                state.step(), state.optimizer().step(), state.optimizer().updates(), tensors);
    }

    static Map<String, ByteBuffer> read(Map<String, TensorValues> values) {
        Map<String, ByteBuffer> bytes = new HashMap<>();
        values.forEach((name, tensor) -> {
            try {
                bytes.put(name, tensor.source().read());
            } catch (IOException e) {
                throw new AssertionError(name, e);
            }
        });
        return bytes;
    }

    TrainingState state() {
        Map<String, TensorValues> values = new HashMap<>();
        tensors.forEach((name, bytes) ->
                values.put(name, new TensorValues(Shape.of(bytes.remaining() / Float.BYTES), bytes::duplicate)));
        return new TrainingState(step, values, new OptimizerState(optimizerStep, updates, values));
    }
}
