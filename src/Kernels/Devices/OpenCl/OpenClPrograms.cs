using System.Globalization;
using System.Text;

namespace P6bNative.Kernels.Devices;

/// <summary>The programs compiled on one device.</summary>
/// <param name="deviceName">For messages.</param>
/// <param name="hardware">The device.</param>
/// <param name="context">Its context.</param>
/// <param name="cache">Where compiled programs are kept.</param>
internal sealed unsafe class OpenClPrograms(string deviceName, OpenClHardware hardware, nint context, ProgramCache cache) : IDisposable
{
    private readonly OpenClApi _api = hardware.Api;
    private readonly Dictionary<(string Program, string Options), nint> _programs = [];
    private readonly Dictionary<nint, nint> _programOfKernel = [];

    /// <summary>Compiles a kernel; its program once for each set of constants.</summary>
    /// <exception cref="DeviceException">It does not compile: the message holds the compiler's log.</exception>
    public CompiledKernel Compile(KernelDescription kernel, int[] constants)
    {
        string options = Options(kernel, constants);
        if (!_programs.TryGetValue((kernel.Program.Name, options), out nint program))
            _programs.Add((kernel.Program.Name, options), program = Build(kernel.Program, options));
        nint handle = CreateKernel(program, kernel);
        _programOfKernel.Add(handle, program);
        nuint largest = 0;
        _ = _api.GetKernelWorkGroupInfo(handle, hardware.Device, 0x11B0, (nuint)sizeof(nuint), &largest, null);
        if (largest != 0 && largest < (nuint)kernel.GroupSize)
            throw Failure($"kernel {kernel.Name} needs groups of {kernel.GroupSize} work items, and the device allows {largest} for it");
        return new CompiledKernel(kernel, constants, handle);
    }

    /// <summary>A second kernel object, with arguments of its own; the caller releases it.</summary>
    public nint CreateKernel(CompiledKernel kernel) => CreateKernel(_programOfKernel[kernel.Handle], kernel.Description);

    public void Dispose()
    {
        foreach (nint kernel in _programOfKernel.Keys)
            _ = _api.ReleaseKernel(kernel);
        foreach (nint program in _programs.Values)
            _ = _api.ReleaseProgram(program);
    }

    private nint CreateKernel(nint program, KernelDescription kernel)
    {
        int status;
        nint handle;
        fixed (byte* name = Encoding.UTF8.GetBytes(kernel.Name + '\0'))
            handle = _api.CreateKernel(program, name, &status);
        return status == OpenClStatus.Success ? handle
            : throw Failure($"clCreateKernel of {kernel.Name} in program {kernel.Program.Name}: {OpenClStatus.Name(status)}");
    }

    private string Options(KernelDescription kernel, int[] constants)
    {
        // Warnings are for whoever writes kernels; some drivers print them on the user's console.
        var options = new StringBuilder("-cl-std=CL1.2 -w");
        if (hardware.HasCorrectlyRoundedDivision)
            options.Append(" -cl-fp32-correctly-rounded-divide-sqrt");
        for (int i = 0; i < constants.Length; i++)
            options.Append(CultureInfo.InvariantCulture, $" -D {kernel.Specializations[i]}={constants[i]}");
        return options.ToString();
    }

    private nint Build(KernelProgram program, string options)
    {
        string key = ProgramCache.Key(program.OpenCl, options, hardware.Name, hardware.PlatformName, hardware.Version, hardware.Driver);
        nint handle = cache.Read(key) is { } kept ? BuildKept(kept, options) : 0;
        if (handle != 0)
            return handle;
        handle = BuildText(program, options);
        if (cache.Keeps)
            cache.Write(key, Binary(handle));
        return handle;
    }

    private nint BuildText(KernelProgram program, string options)
    {
        int status;
        nint handle;
        byte[] text = Encoding.UTF8.GetBytes(program.OpenCl);
        fixed (byte* p = text)
        {
            byte* start = p;
            nuint length = (nuint)text.Length;
            handle = _api.CreateProgramWithSource(context, 1, &start, &length, &status);
        }
        if (status != OpenClStatus.Success)
            throw Failure($"clCreateProgramWithSource of {program.Name}: {OpenClStatus.Name(status)}");
        status = Build(handle, options);
        if (status == OpenClStatus.Success)
            return handle;
        string log = Log(handle);
        _ = _api.ReleaseProgram(handle);
        throw Failure($"program {program.Name} does not compile with '{options}': {OpenClStatus.Name(status)}\n{log}");
    }

    // A binary that the driver does not take is stale: 0, and the text is compiled.
    private nint BuildKept(byte[] binary, string options)
    {
        int status, binaryStatus;
        nint handle, device = hardware.Device;
        fixed (byte* p = binary)
        {
            byte* start = p;
            nuint length = (nuint)binary.Length;
            handle = _api.CreateProgramWithBinary(context, 1, &device, &length, &start, &binaryStatus, &status);
        }
        if (status != OpenClStatus.Success)
            return 0;
        if (binaryStatus == OpenClStatus.Success && Build(handle, options) == OpenClStatus.Success)
            return handle;
        _ = _api.ReleaseProgram(handle);
        return 0;
    }

    private int Build(nint program, string options)
    {
        nint device = hardware.Device;
        fixed (byte* p = Encoding.UTF8.GetBytes(options + '\0'))
            return _api.BuildProgram(program, 1, &device, p, 0, 0);
    }

    private byte[] Binary(nint program)
    {
        const uint binarySizes = 0x1165, binaries = 0x1166;
        nuint size = 0;
        if (_api.GetProgramInfo(program, binarySizes, (nuint)sizeof(nuint), &size, null) != OpenClStatus.Success || size == 0)
            return [];
        byte[] binary = new byte[(int)size];
        fixed (byte* p = binary)
        {
            byte* start = p;
            return _api.GetProgramInfo(program, binaries, (nuint)sizeof(byte*), &start, null) == OpenClStatus.Success ? binary : [];
        }
    }

    private string Log(nint program)
    {
        nuint size = 0;
        if (_api.GetProgramBuildInfo(program, hardware.Device, 0x1183, 0, null, &size) != OpenClStatus.Success || size == 0)
            return "";
        byte[] log = new byte[(int)size];
        fixed (byte* p = log)
            _ = _api.GetProgramBuildInfo(program, hardware.Device, 0x1183, size, p, null);
        return Encoding.UTF8.GetString(log).TrimEnd('\0').Trim();
    }

    private DeviceException Failure(string what) => new($"{deviceName} ({hardware.Name}): {what}");
}
