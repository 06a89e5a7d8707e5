using System.Runtime.InteropServices;
using System.Text;

namespace P6bNative.Kernels.Devices;

/// <summary>NVIDIA's run-time compiler (nvrtc.h of CUDA 11.2 and later): part of the CUDA toolkit and of PyTorch's packages, not of the driver.</summary>
internal sealed unsafe class Nvrtc
{
    private readonly delegate* unmanaged<int, nint> _getErrorString;
    private readonly delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int> _createProgram;
    private readonly delegate* unmanaged<nint*, int> _destroyProgram;
    private readonly delegate* unmanaged<nint, int, byte**, int> _compileProgram;
    private readonly delegate* unmanaged<nint, nuint*, int> _getPtxSize;
    private readonly delegate* unmanaged<nint, byte*, int> _getPtx;
    private readonly delegate* unmanaged<nint, nuint*, int> _getCubinSize;
    private readonly delegate* unmanaged<nint, byte*, int> _getCubin;
    private readonly delegate* unmanaged<nint, nuint*, int> _getLogSize;
    private readonly delegate* unmanaged<nint, byte*, int> _getLog;

    /// <param name="library">The compiler's library, loaded.</param>
    /// <exception cref="EntryPointNotFoundException">It is older than 11.2.</exception>
    public Nvrtc(nint library)
    {
        nint Function(string name) => NativeLibrary.GetExport(library, name);

        _getErrorString = (delegate* unmanaged<int, nint>)Function("nvrtcGetErrorString");
        _createProgram = (delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int>)Function("nvrtcCreateProgram");
        _destroyProgram = (delegate* unmanaged<nint*, int>)Function("nvrtcDestroyProgram");
        _compileProgram = (delegate* unmanaged<nint, int, byte**, int>)Function("nvrtcCompileProgram");
        _getPtxSize = (delegate* unmanaged<nint, nuint*, int>)Function("nvrtcGetPTXSize");
        _getPtx = (delegate* unmanaged<nint, byte*, int>)Function("nvrtcGetPTX");
        _getCubinSize = (delegate* unmanaged<nint, nuint*, int>)Function("nvrtcGetCUBINSize");
        _getCubin = (delegate* unmanaged<nint, byte*, int>)Function("nvrtcGetCUBIN");
        _getLogSize = (delegate* unmanaged<nint, nuint*, int>)Function("nvrtcGetProgramLogSize");
        _getLog = (delegate* unmanaged<nint, byte*, int>)Function("nvrtcGetProgramLog");
        int major, minor;
        _ = ((delegate* unmanaged<int*, int*, int>)Function("nvrtcVersion"))(&major, &minor);
        (Major, Minor) = (major, minor);
        var countArchitectures = (delegate* unmanaged<int*, int>)Function("nvrtcGetNumSupportedArchs");
        var listArchitectures = (delegate* unmanaged<int*, int>)Function("nvrtcGetSupportedArchs");
        int count;
        if (countArchitectures(&count) != 0)
            return;
        int[] architectures = new int[count];
        fixed (int* p = architectures)
            _ = listArchitectures(p);
        Architectures = architectures;
    }

    public int Major { get; }

    public int Minor { get; }

    /// <summary>The compute capabilities it compiles for: 90 is 9.0.</summary>
    public IReadOnlyList<int> Architectures { get; } = [];

    /// <summary>Compiles to machine code for an architecture of <see cref="Architectures"/> (sm_90), or to PTX (compute_90).</summary>
    /// <param name="program">Whose CUDA text to compile.</param>
    /// <param name="architecture">The target.</param>
    /// <param name="options">More options, space-free.</param>
    /// <param name="log">What the compiler says.</param>
    /// <returns>The image for cuModuleLoadData; null if it does not compile.</returns>
    public byte[]? Compile(KernelProgram program, string architecture, IReadOnlyList<string> options, out string log)
    {
        nint handle;
        int result;
        fixed (byte* text = Bytes(program.Cuda), name = Bytes(program.Name + ".cu"))
            result = _createProgram(&handle, text, name, 0, null, null);
        if (result != 0)
        {
            log = "nvrtcCreateProgram: " + Describe(result);
            return null;
        }
        result = CompileProgram(handle, [$"--gpu-architecture={architecture}", .. options]);
        log = result == 0 ? "" : $"{Describe(result)}\n{Text(Output(handle, _getLogSize, _getLog))}";
        bool isMachineCode = architecture.StartsWith("sm_", StringComparison.Ordinal);
        byte[]? image = result != 0 ? null : isMachineCode ? Output(handle, _getCubinSize, _getCubin) : Output(handle, _getPtxSize, _getPtx);
        _ = _destroyProgram(&handle);
        return image;
    }

    private int CompileProgram(nint handle, string[] options)
    {
        byte** pointers = stackalloc byte*[options.Length];
        for (int i = 0; i < options.Length; i++)
            pointers[i] = (byte*)Marshal.StringToCoTaskMemUTF8(options[i]);
        int result = _compileProgram(handle, options.Length, pointers);
        for (int i = 0; i < options.Length; i++)
            Marshal.FreeCoTaskMem((nint)pointers[i]);
        return result;
    }

    private string Describe(int result) => Marshal.PtrToStringUTF8(_getErrorString(result)) ?? $"NVRTC error {result}";

    private static byte[] Output(nint handle, delegate* unmanaged<nint, nuint*, int> getSize, delegate* unmanaged<nint, byte*, int> get)
    {
        nuint size = 0;
        if (getSize(handle, &size) != 0 || size == 0)
            return [];
        byte[] bytes = new byte[(int)size];
        fixed (byte* p = bytes)
            return get(handle, p) == 0 ? bytes : [];
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes).TrimEnd('\0').Trim();

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text + '\0');
}
