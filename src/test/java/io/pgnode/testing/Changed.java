package io.pgnode.testing;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Copies of records with many components, of which a test changes a few. */
public final class Changed {
    private Changed() {}

    /**
     * A copy with other values for some components.
     *
     * @param changes names of components, each followed by its new value
     */
    public static <R extends Record> R copy(R original, @Nullable Object... changes) {
        Map<String, @Nullable Object> wanted = new HashMap<>();
        for (int i = 0; i < changes.length; i += 2) {
            wanted.put((String) changes[i], changes[i + 1]);
        }
        RecordComponent[] components = original.getClass().getRecordComponents();
        @Nullable Object[] values = new @Nullable Object[components.length];
        try {
            for (int i = 0; i < components.length; i++) {
                String name = components[i].getName();
                values[i] =
                        wanted.containsKey(name)
                                ? wanted.remove(name)
                                : components[i].getAccessor().invoke(original);
            }
            if (!wanted.isEmpty()) {
                throw new IllegalArgumentException("no such components: " + wanted.keySet());
            }
            Class<?>[] types =
                    Arrays.stream(components)
                            .map(RecordComponent::getType)
                            .toArray(Class<?>[]::new);
            @SuppressWarnings("unchecked") // the class of a record of type R
            Class<R> type = (Class<R>) original.getClass();
            return type.getDeclaredConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("cannot copy " + original.getClass(), e);
        }
    }
}
