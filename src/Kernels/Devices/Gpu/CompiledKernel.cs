namespace P6bNative.Kernels.Devices;

/// <summary>A kernel compiled for one device with one set of specialised constants.</summary>
internal sealed class CompiledKernel
{
    private readonly int[] _constants;
    private readonly KernelParameterKind[] _kinds;
    private readonly byte[] _sizes;

    /// <param name="description">Which kernel.</param>
    /// <param name="constants">Its specialised constants.</param>
    /// <param name="handle">What the driver calls it: cl_kernel or CUfunction.</param>
    public CompiledKernel(KernelDescription description, int[] constants, nint handle)
    {
        (Description, _constants, Handle) = (description, constants, handle);
        _kinds = [.. description.Parameters.Select(parameter => parameter.Kind)];
        _sizes = [.. _kinds.SelectMany(Sizes)];
    }

    /// <summary>Most arguments of a text: two for each view.</summary>
    public const int MaxArguments = 2 * KernelArguments.Capacity;

    /// <summary>Which kernel.</summary>
    public KernelDescription Description { get; }

    /// <summary>The driver's handle.</summary>
    public nint Handle { get; }

    /// <summary>Bytes of each argument of the text: a view is its memory and a 64-bit offset.</summary>
    public ReadOnlySpan<byte> ArgumentSizes => _sizes;

    /// <summary>Whether it was compiled with these constants.</summary>
    public bool Has(in KernelArguments arguments)
    {
        if (arguments.ConstantCount != _constants.Length)
            return false;
        for (int i = 0; i < _constants.Length; i++)
        {
            if (_constants[i] != arguments.Constant(i))
                return false;
        }
        return true;
    }

    /// <summary>Writes the arguments of the text in order, each in the low bytes of its slot.</summary>
    /// <param name="arguments">One for each parameter.</param>
    /// <param name="device">Where the views must lie.</param>
    /// <param name="slots">Receives <see cref="ArgumentSizes"/>.Length values.</param>
    /// <exception cref="ArgumentException">Their number or kind differs from the kernel's, or a view lies elsewhere.</exception>
    public void Pack(in KernelArguments arguments, GpuDevice device, Span<long> slots)
    {
        if (arguments.Count != _kinds.Length)
            throw new ArgumentException($"Kernel {Description.Name} takes {_kinds.Length} arguments, not {arguments.Count}.");
        int slot = 0;
        for (int i = 0; i < _kinds.Length; i++)
        {
            Buffer? buffer = arguments.Memory(i);
            if (_kinds[i] == KernelParameterKind.View)
                slots[slot++] = buffer is null ? 0 : GpuBuffer.Memory(buffer, device);
            else if (buffer is not null)
                throw new ArgumentException($"Kernel {Description.Name} takes a number as '{Description.Parameters[i].Name}', not memory.");
            slots[slot++] = arguments.Bits(i);
        }
    }

    private static byte[] Sizes(KernelParameterKind kind) => kind switch
    {
        KernelParameterKind.View => [8, 8],
        KernelParameterKind.Int64 => [8],
        _ => [4],
    };
}
