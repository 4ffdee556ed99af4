package io.pgnode.os;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * One function of the C library, linked at its first call.
 *
 * <p>Lazy, because static initialisers run while a native image is built, where no address of a
 * function is known. On the JVM only.
 */
final class Downcall {
    private static final int NOT_VARIADIC = -1;

    private final String name;
    private final int firstVariadic;
    private final MemoryLayout result;
    private final MemoryLayout[] parameters;
    private volatile @Nullable MethodHandle handle;

    private Downcall(
            String name, int firstVariadic, MemoryLayout result, MemoryLayout... parameters) {
        this.name = name;
        this.firstVariadic = firstVariadic;
        this.result = result;
        this.parameters = parameters;
    }

    static Downcall of(String name, MemoryLayout result, MemoryLayout... parameters) {
        return new Downcall(name, NOT_VARIADIC, result, parameters);
    }

    /**
     * @param firstVariadic index of the first argument that stands for "..." in the C declaration
     */
    static Downcall variadic(
            String name, int firstVariadic, MemoryLayout result, MemoryLayout... parameters) {
        return new Downcall(name, firstVariadic, result, parameters);
    }

    /**
     * The linked function; its first argument is the segment that receives errno, then the
     * function's own. Two threads may link it twice, which is harmless.
     */
    MethodHandle handle() {
        MethodHandle linked = handle;
        if (linked == null) {
            linked = link();
            handle = linked;
        }
        return linked;
    }

    private MethodHandle link() {
        Linker linker = Linker.nativeLinker();
        MemorySegment address = linker.defaultLookup().findOrThrow(name);
        FunctionDescriptor descriptor = FunctionDescriptor.of(result, parameters);
        Linker.Option errno = Linker.Option.captureCallState("errno");
        return firstVariadic == NOT_VARIADIC
                ? linker.downcallHandle(address, descriptor, errno)
                : linker.downcallHandle(
                        address, descriptor, errno, Linker.Option.firstVariadicArg(firstVariadic));
    }
}
