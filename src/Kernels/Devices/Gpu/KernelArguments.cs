using System.Runtime.CompilerServices;

namespace P6bNative.Kernels.Devices;

/// <summary>Number of groups of a launch.</summary>
/// <param name="X">Groups in the first dimension, at least 1.</param>
/// <param name="Y">Groups in the second dimension, at least 1.</param>
/// <param name="Z">Groups in the third dimension, at least 1.</param>
internal readonly record struct LaunchSize(int X, int Y = 1, int Z = 1);

/// <summary>
/// The arguments of one launch, on the stack: slot i belongs to parameter i of the kernel. A view's slot holds its offset in floats.
/// </summary>
internal struct KernelArguments
{
    /// <summary>Most parameters, and most specialised constants, a kernel may have.</summary>
    public const int Capacity = 24;

    private Slots _slots;
    private Buffers _buffers;
    private Constants _constants;

    /// <summary>Parameters added.</summary>
    public int Count { get; private set; }

    /// <summary>Specialised constants added.</summary>
    public int ConstantCount { get; private set; }

    /// <summary>Adds a view; the empty view passes no memory.</summary>
    public void Add(View view)
    {
        _buffers[Count] = view.Buffer;
        _slots[Count++] = view.Offset;
    }

    /// <summary>Adds an int.</summary>
    public void Add(int value) => _slots[Count++] = value;

    /// <summary>Adds a uint.</summary>
    public void Add(uint value) => _slots[Count++] = value;

    /// <summary>Adds a long.</summary>
    public void Add(long value) => _slots[Count++] = value;

    /// <summary>Adds a ulong.</summary>
    public void Add(ulong value) => _slots[Count++] = unchecked((long)value);

    /// <summary>Adds a float.</summary>
    public void Add(float value) => _slots[Count++] = BitConverter.SingleToUInt32Bits(value);

    /// <summary>Adds a specialised constant.</summary>
    public void AddConstant(int value) => _constants[ConstantCount++] = value;

    /// <summary>The bits of parameter <paramref name="index"/>, in the low bytes.</summary>
    public readonly long Bits(int index) => _slots[index];

    /// <summary>The memory of parameter <paramref name="index"/>; null for scalars and empty views.</summary>
    public readonly Buffer? Memory(int index) => _buffers[index];

    /// <summary>Specialised constant <paramref name="index"/>.</summary>
    public readonly int Constant(int index) => _constants[index];

    [InlineArray(Capacity)]
    private struct Slots
    {
        private long _element;
    }

    [InlineArray(Capacity)]
    private struct Buffers
    {
        private Buffer? _element;
    }

    [InlineArray(Capacity)]
    private struct Constants
    {
        private int _element;
    }
}
