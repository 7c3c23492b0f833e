package dev.ternion.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What commands that need no server ask of this machine's engine; given by the composition root. */
public interface Engine {
    /** Checks what the command line cannot see: native library, CPU features, CUDA. Throws nothing. */
    List<Check> doctor();

    /** The devices that a job can name, and the libraries that CUDA needs. Throws nothing. */
    List<Check> devices();

    /** Writes a small encoder with random weights into a new folder, as Hugging Face lays it out. */
    void writeStarterEncoder(Path folder) throws IOException;

    /**
     * Runs the catalogue of operations on a device and on the CPU and compares.
     *
     * @param large whether sizes of real encoders are run too
     * @param each gets every comparison as it is made
     * @throws EngineException if the device cannot be opened or fails
     */
    void conformance(String device, boolean large, Consumer<Comparison> each) throws EngineException;

    /**
     * Times a part of the engine.
     *
     * @param each gets every row as it is measured: names in snake_case with their unit
     * @throws EngineException if the device cannot be opened or fails
     */
    void bench(BenchRequest request, Consumer<Map<String, Object>> each) throws EngineException;

    /**
     * One comparison of a device with the CPU.
     *
     * @param operation operation and variant
     * @param size name of the size
     * @param part "forward", "codes", "gradient of x", "gradient of x again"
     * @param wanted "equal bytes", or the largest relative L2 distance, for example "2e-5"
     * @param seen "equal bytes", or the distance, or what went wrong
     * @param passed whether seen is as wanted
     */
    record Comparison(String operation, String size, String part, String wanted, String seen, boolean passed) {}

    /**
     * What to time.
     *
     * @param part step, gemm, attention or optimizer
     * @param device as in a job
     * @param repeats timed runs of each row
     * @param precision FP32 or BF16, as in a job; of step alone
     */
    record BenchRequest(String part, String device, int repeats, String precision) {}

    /** The engine cannot do it; the message says why and what to do. */
    final class EngineException extends Exception {
        private static final long serialVersionUID = 1L;

        /** The message is shown as it is. */
        public EngineException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
