package io.pgnode.os;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/**
 * The only class that uses {@code sun.misc.Signal}, which the module jdk.unsupported keeps for want
 * of a replacement and which works in native images.
 *
 * <p>By reflection, because javac warns of the name in a way that no source can suppress, and
 * warnings are errors here; {@code native-image} learns of it from the metadata of this room.
 */
final class SunSignals {
    private SunSignals() {}

    /** {@code name} without SIG. The action runs on a new thread. */
    @SuppressWarnings("ReferenceEquality") // a proxy equals only itself
    static void handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object receiver =
                    Proxy.newProxyInstance(
                            SunSignals.class.getClassLoader(),
                            new Class<?>[] {handler},
                            (proxy, method, arguments) ->
                                    switch (method.getName()) {
                                        case "handle" -> {
                                            action.run();
                                            yield null;
                                        }
                                        case "hashCode" -> System.identityHashCode(proxy);
                                        case "equals" -> proxy == arguments[0];
                                        default -> "handler of SIG" + name;
                                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), receiver);
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException("cannot receive SIG" + name, e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot receive SIG" + name, e);
        }
    }
}
