package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A build without OpenTelemetry's libraries says so when it is asked for traces, and only then. */
class LocalTracesTest {
    @Test
    void withoutTheLibrariesTheBuildIsNamed() throws Exception {
        Method open = new WithoutLibraries()
                .loadClass(LocalTraces.class.getName())
                .getDeclaredMethod("open", Optional.class, String.class);
        open.setAccessible(true);
        assertThat(open.invoke(null, Optional.empty(), "tested")).isEqualTo(Optional.empty());
        assertThatThrownBy(() -> open.invoke(null, Optional.of(URI.create("http://127.0.0.1:1/")), "tested"))
                .isInstanceOf(InvocationTargetException.class)
                .cause()
                .isInstanceOf(IOException.class)
                .hasMessage("--traces needs OpenTelemetry's libraries; build with ./mvnw -Potel package");
    }

    /** The classes of ours that name the libraries, where there are none. */
    private static final class WithoutLibraries extends ClassLoader {
        private WithoutLibraries() {
            super(LocalTraces.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("io.opentelemetry.")) {
                throw new ClassNotFoundException(name);
            }
            boolean ours = name.equals(LocalTraces.class.getName()) || name.startsWith("dev.ternion.observe.otel.");
            return ours && findLoadedClass(name) == null ? define(name) : super.loadClass(name, resolve);
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
