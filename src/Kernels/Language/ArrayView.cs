using System.Runtime.CompilerServices;

namespace P6bNative.Kernels.Language;

/// <summary>A run of elements in device memory, group memory or registers, as ILGPU's type of this name.</summary>
/// <typeparam name="T">int, uint, long, ulong, float, Float4 or Float16.</typeparam>
public readonly unsafe struct ArrayView<T>
    where T : unmanaged
{
    private readonly T* _first;

    // Keeps an allocation of LocalMemory alive as long as a view of it.
    private readonly Array? _owner;

    /// <summary>A view of host memory, for running a kernel as plain C#.</summary>
    public ArrayView(T* first, long length)
        : this(first, length, null)
    {
    }

    internal ArrayView(T* first, long length, Array? owner)
    {
        _first = first;
        Length = length;
        _owner = owner;
    }

    /// <summary>Number of elements; known on the host only.</summary>
    public long Length { get; }

    /// <summary>Element <paramref name="index"/>.</summary>
    public ref T this[int index] => ref this[(long)index];

    /// <summary>Element <paramref name="index"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">As plain C#: there is no such element.</exception>
    public ref T this[long index]
    {
        get
        {
            if ((ulong)index >= (ulong)Length)
                throw new ArgumentOutOfRangeException(nameof(index), index, $"The view has {Length} elements.");
            return ref _first[index];
        }
    }

    /// <summary>The elements from <paramref name="offset"/> on.</summary>
    public ArrayView<T> SubView(long offset, long length) => new(_first + offset, length, _owner);

    /// <summary>The same memory as elements of another type, e.g. floats as Float4: the first element must be aligned for it.</summary>
    public ArrayView<TOther> Cast<TOther>()
        where TOther : unmanaged => new((TOther*)_first, Length * Unsafe.SizeOf<T>() / Unsafe.SizeOf<TOther>(), _owner);
}
