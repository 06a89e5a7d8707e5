namespace P6bNative.Kernels.Devices;

/// <summary>A kernel compiled for one device with one set of specialised constants.</summary>
internal sealed class CompiledKernel
{
    private readonly int[] _constants;
    private readonly byte[] _sizes;

    /// <param name="description">Which kernel.</param>
    /// <param name="constants">Its specialised constants.</param>
    /// <param name="handle">What the driver calls it: cl_kernel or CUfunction.</param>
    public CompiledKernel(KernelDescription description, int[] constants, nint handle)
    {
        (Description, _constants, Handle) = (description, constants, handle);
        var sizes = new List<byte>();
        foreach (KernelParameter parameter in description.Parameters)
        {
            sizes.Add(parameter.Kind is KernelParameterKind.Int32 or KernelParameterKind.Single ? (byte)4 : (byte)8);
            if (parameter.Kind == KernelParameterKind.View)
                sizes.Add(8);
        }
        _sizes = [.. sizes];
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
        IReadOnlyList<KernelParameter> parameters = Description.Parameters;
        if (arguments.Count != parameters.Count)
            throw new ArgumentException($"Kernel {Description.Name} takes {parameters.Count} arguments, not {arguments.Count}.");
        int slot = 0;
        for (int i = 0; i < parameters.Count; i++)
        {
            Buffer? buffer = arguments.Memory(i);
            if (parameters[i].Kind == KernelParameterKind.View)
                slots[slot++] = buffer is null ? 0 : GpuBuffer.Memory(buffer, device);
            else if (buffer is not null)
                throw new ArgumentException($"Kernel {Description.Name} takes a number as '{parameters[i].Name}', not memory.");
            slots[slot++] = arguments.Bits(i);
        }
    }
}
