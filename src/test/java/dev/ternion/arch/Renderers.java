package dev.ternion.arch;

import java.lang.reflect.Method;
import java.util.Arrays;

/** What the command line prints with. Its classes are private to their package; documents are no reason to open them. */
final class Renderers {
    private Renderers() {}

    /** Calls a static method of a class of {@code dev.ternion.cli} by the types of its arguments. */
    @SuppressWarnings("unchecked")
    static <T> T call(String type, String name, Object... arguments) {
        try {
            for (Method method : Class.forName("dev.ternion.cli." + type).getDeclaredMethods()) {
                if (method.getName().equals(name) && accepts(method, arguments)) {
                    method.setAccessible(true);
                    return (T) method.invoke(null, arguments);
                }
            }
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(type + "." + name, e);
        }
        throw new AssertionError("dev.ternion.cli." + type + " has no " + name + Arrays.toString(arguments));
    }

    private static boolean accepts(Method method, Object... arguments) {
        Class<?>[] types = method.getParameterTypes();
        if (types.length != arguments.length) {
            return false;
        }
        for (int i = 0; i < types.length; i++) {
            if (!types[i].isInstance(arguments[i])) {
                return false;
            }
        }
        return true;
    }
}
