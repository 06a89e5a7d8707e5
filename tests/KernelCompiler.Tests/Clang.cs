using System.Diagnostics;

namespace P6bNative.KernelCompiler.Tests;

/// <summary>The clang of this machine: compiles both texts without a device, warnings as errors.</summary>
internal static class Clang
{
    /// <summary>What CUDA's headers declare of what the text uses; float4 as the 16-byte vector that nvcc makes of CUDA's struct.</summary>
    private const string CudaDeclarations =
        """
        #define __global__ __attribute__((global))
        #define __device__ __attribute__((device))
        #define __shared__ __attribute__((shared))
        #define __forceinline__ inline __attribute__((always_inline))
        #define __launch_bounds__(n) __attribute__((launch_bounds(n)))
        #define __align__(n) __attribute__((aligned(n)))
        struct Indices { unsigned x, y, z; };
        #define threadIdx (Indices{(unsigned)__nvvm_read_ptx_sreg_tid_x(), 0, 0})
        #define blockDim (Indices{(unsigned)__nvvm_read_ptx_sreg_ntid_x(), 1, 1})
        #define OF_GRID(name) (Indices{(unsigned)__nvvm_read_ptx_sreg_##name##_x(), (unsigned)__nvvm_read_ptx_sreg_##name##_y(), \
            (unsigned)__nvvm_read_ptx_sreg_##name##_z()})
        #define blockIdx OF_GRID(ctaid)
        #define gridDim OF_GRID(nctaid)
        typedef float float4 __attribute__((ext_vector_type(4)));
        __device__ inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
        __device__ inline unsigned __float_as_uint(float x) { return __builtin_bit_cast(unsigned, x); }
        __device__ inline float __uint_as_float(unsigned x) { return __builtin_bit_cast(float, x); }
        __device__ inline float __fmaf_rn(float a, float b, float c) { return __nvvm_fma_rn_f(a, b, c); }
        __device__ inline float __fsqrt_rn(float x) { return __nvvm_sqrt_rn_f(x); }
        extern "C" __device__ float expf(float);
        extern "C" __device__ float logf(float);
        extern "C" __device__ float tanhf(float);
        extern "C" __device__ float erff(float);
        extern "C" __device__ float fabsf(float);

        """;

    private static readonly string? _path = Find();

    /// <summary>Compiles CUDA C to PTX, with more options such as -DNAME=VALUE; returns the PTX.</summary>
    public static string Ptx(string text, params string[] more) => Compile(
        CudaDeclarations + text, ".cu", "-x cuda --cuda-device-only -nocudainc -nocudalib --cuda-gpu-arch=sm_70 -S -O2 -ffp-contract=off", more);

    /// <summary>Compiles OpenCL C 1.2 to LLVM's text; returns it.</summary>
    public static string OpenCl(string text, params string[] more) =>
        Compile(text, ".cl", "-x cl -cl-std=CL1.2 -target spir64-unknown-unknown -Xclang -finclude-default-header -S -emit-llvm -O1", more);

    private static string Compile(string text, string extension, string options, string[] more)
    {
        if (_path is null && Environment.GetEnvironmentVariable("P6B_REQUIRE_CLANG") != "1")
            Assert.Skip("No clang on this machine: the emitted text was not compiled.");
        string folder = Directory.CreateTempSubdirectory("kernels").FullName;
        try
        {
            string source = Path.Combine(folder, "program" + extension), output = Path.Combine(folder, "output");
            File.WriteAllText(source, text);
            string[] arguments = [.. options.Split(' '), "-Werror", "-Wno-pass-failed", .. more, "-o", output, source];
            var start = new ProcessStartInfo(_path ?? "clang", arguments) { RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, $"{errors}\n{text}");
            return File.ReadAllText(output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string? Find() =>
        (from name in new[] { "clang-14", "clang-15", "clang-16", "clang-17", "clang-18", "clang-19", "clang" }
         from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
         let path = Path.Combine(folder, name)
         where File.Exists(path)
         select path).FirstOrDefault();
}
