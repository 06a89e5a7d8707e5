using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace P6bNative.Kernels.Language;

/// <summary>Memory shared by the work items of a group. As plain C# it is a fresh array, which is right for groups of one.</summary>
public static class SharedMemory
{
    /// <summary>Allocates; the length must be a constant of the kernel or of its specialisation.</summary>
    public static ArrayView<T> Allocate<T>(int length)
        where T : unmanaged => LocalMemory.Allocate<T>(length);
}

/// <summary>Memory of one work item: registers, when every index is a constant after unrolling.</summary>
public static class LocalMemory
{
    /// <summary>Allocates zeroed; the length must be a constant of the kernel or of its specialisation.</summary>
    public static unsafe ArrayView<T> Allocate<T>(int length)
        where T : unmanaged
    {
        T[] array = GC.AllocateArray<T>(length, pinned: true);
        return new ArrayView<T>((T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array)), length, array);
    }
}
