package dev.ternion.data;

import java.nio.file.Path;

/**
 * Settings of DJL, whose native tokenizer library we load: it must stay off the network and unpack its library where we
 * say.
 *
 * <p>DJL reads them from the environment first, then from system properties, once, before the first tokenizer of the
 * process: {@code ai.djl.offline} (no downloads, CPU flavour), {@code OPT_OUT_TRACKING} (no call home),
 * {@code ENGINE_CACHE_DIR} and {@code DJL_CACHE_DIR} (where the library, some 15 MB, is unpacked; otherwise
 * {@code .djl.ai} in the home folder).
 */
final class TokenizerLibrary {
    private TokenizerLibrary() {}

    /** Sets what is not set yet; a null folder leaves DJL's default. */
    static void configure(Path cacheFolder) {
        setIfAbsent("ai.djl.offline", "true");
        setIfAbsent("OPT_OUT_TRACKING", "true");
        if (cacheFolder != null) {
            setIfAbsent("ENGINE_CACHE_DIR", cacheFolder.toAbsolutePath().toString());
            setIfAbsent("DJL_CACHE_DIR", cacheFolder.toAbsolutePath().toString());
        }
    }

    private static void setIfAbsent(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
