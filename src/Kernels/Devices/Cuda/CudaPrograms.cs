using System.Text;

namespace P6bNative.Kernels.Devices;

/// <summary>The programs compiled for one card: by NVRTC, kept on disk, loaded into the context that is current.</summary>
/// <param name="deviceName">For messages.</param>
/// <param name="hardware">The card.</param>
/// <param name="driver">Its driver.</param>
/// <param name="compiler">NVRTC.</param>
/// <param name="cache">Where compiled programs are kept.</param>
internal sealed unsafe class CudaPrograms(string deviceName, CudaHardware hardware, CudaDriver driver, Nvrtc compiler, ProgramCache cache) : IDisposable
{
    private readonly CudaApi _api = driver.Api!;
    private readonly Dictionary<(string Program, string Options), nint> _modules = [];

    /// <summary>Compiles a kernel; its program once for each set of constants.</summary>
    /// <exception cref="DeviceException">It does not compile: the message holds the compiler's log.</exception>
    public CompiledKernel Compile(KernelDescription kernel, int[] constants)
    {
        const int maxThreadsPerBlock = 0;
        string[] options = ["--fmad=false", .. kernel.Specializations.Select((name, i) => $"-D{name}={constants[i]}")];
        string line = string.Join(' ', options);
        if (!_modules.TryGetValue((kernel.Program.Name, line), out nint module))
            _modules.Add((kernel.Program.Name, line), module = Load(kernel.Program, options, line));
        nint function;
        fixed (byte* name = Encoding.UTF8.GetBytes(kernel.Name + '\0'))
            Check(_api.ModuleGetFunction(&function, module, name), $"cuModuleGetFunction of {kernel.Name} in program {kernel.Program.Name}");
        int largest = 0;
        _ = _api.FuncGetAttribute(&largest, maxThreadsPerBlock, function);
        if (largest != 0 && largest < kernel.GroupSize)
            throw Failure($"kernel {kernel.Name} needs groups of {kernel.GroupSize} work items, and the device allows {largest} for it");
        return new CompiledKernel(kernel, constants, function);
    }

    public void Dispose()
    {
        foreach (nint module in _modules.Values)
            _ = _api.ModuleUnload(module);
    }

    /// <summary>Machine code where the compiler knows the card, else PTX of the newest architecture below it, which the driver compiles.</summary>
    internal static string Architecture(int capability, IReadOnlyList<int> known) =>
        known.Contains(capability) ? $"sm_{capability}" : $"compute_{known.Where(each => each < capability).DefaultIfEmpty(capability).Max()}";

    private nint Load(KernelProgram program, string[] options, string line)
    {
        string architecture = Architecture(hardware.Capability, compiler.Architectures);
        string key = ProgramCache.Key(
            program.Cuda, line, architecture, hardware.Name, driver.Version, $"NVRTC {compiler.Major}.{compiler.Minor}");
        nint module;
        if (cache.Read(key) is { } kept && LoadImage(kept, &module) == CudaResult.Success)
            return module;
        byte[] image = compiler.Compile(program, architecture, options, out string log)
            ?? throw Failure($"program {program.Name} does not compile with '{line}' for {architecture}: {log}");
        Check(LoadImage(image, &module), $"cuModuleLoadData of program {program.Name} for {architecture}");
        cache.Write(key, image);
        return module;
    }

    private int LoadImage(byte[] image, nint* module)
    {
        fixed (byte* p = image)
            return _api.ModuleLoadData(module, p);
    }

    private void Check(int result, string call)
    {
        if (result != CudaResult.Success)
            throw Failure($"{call}: {_api.Describe(result)}");
    }

    private DeviceException Failure(string what) => new($"{deviceName} ({hardware.Name}): {what}");
}
