package dev.ternion.backend;

import dev.ternion.backend.jni.Native;
import dev.ternion.backend.jni.NativeBackend;
import java.nio.file.Path;
import java.util.Optional;

/** Opens the native backends. */
public final class Backends {
    private Backends() {}

    /** The file of the library for dense products on CUDA, once a CUDA device has been opened. */
    public static Optional<Path> cublasLt() {
        return CudaLibraries.loaded();
    }

    /** cuBLASLt is looked for only when a device was found that wants it. */
    private static NativeBackend openNative(String name, int threads) {
        try {
            return Native.open_backend(name, threads);
        } catch (RuntimeException e) {
            if (!CudaLibraries.missing(e)) {
                throw e;
            }
            CudaLibraries.load();
            return Native.open_backend(name, threads);
        }
    }

    /**
     * Opens a device.
     *
     * @param name "cpu", a forced instruction set such as "cpu:avx2", "cpu64" (f64 reference), "cuda:N", or "emulated"
     *     (test builds: the CUDA backend on the CPU)
     * @param threads 1 to 256; results do not depend on it
     * @throws BackendException when the device is unknown, absent or its libraries cannot be loaded
     */
    public static Device open(String name, int threads) {
        NativeBackend backend;
        try {
            backend = openNative(name, threads);
        } catch (BackendException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new BackendException(e.getMessage(), e);
        } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
            throw new BackendException(
                    "the native library cannot be loaded (" + e.getMessage() + "): run ./mvnw package first", e);
        }
        return new Device(name, backend);
    }
}
