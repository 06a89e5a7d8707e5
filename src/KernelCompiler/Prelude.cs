namespace P6bNative.KernelCompiler;

/// <summary>The first lines of a program, one version per target: after them both texts are the same C dialect.</summary>
internal static class Prelude
{
    /// <summary>OpenCL C 1.2.</summary>
    public const string OpenCl = """
        #pragma OPENCL FP_CONTRACT OFF
        typedef long int64;
        typedef ulong uint64;
        #define GLOBAL global
        #define LOCAL local
        #define SHARED(type, name, length) local type name[length] __attribute__((aligned(16)))
        #define ALIGNED __attribute__((aligned(16)))
        #define MAY_ALIAS __attribute__((may_alias))
        #define KERNEL(groupSize) kernel __attribute__((reqd_work_group_size(groupSize, 1, 1))) void
        #define FUNCTION static inline
        #define BARRIER() barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)
        #define Group_IdxX ((int)get_local_id(0))
        #define Group_DimX ((int)get_local_size(0))
        #define Grid_IdxX ((int)get_group_id(0))
        #define Grid_IdxY ((int)get_group_id(1))
        #define Grid_IdxZ ((int)get_group_id(2))
        #define Grid_DimX ((int)get_num_groups(0))
        #define Grid_DimY ((int)get_num_groups(1))
        #define Grid_DimZ ((int)get_num_groups(2))
        #define FLOAT_AS_INT(x) as_uint(x)
        #define INT_AS_FLOAT(x) as_float(x)
        #define FLOAT4(x, y, z, w) ((float4)(x, y, z, w))
        #define XMath_Fma(a, b, c) fma(a, b, c)
        #define XMath_Exp(x) exp(x)
        #define XMath_Log(x) log(x)
        #define XMath_Tanh(x) tanh(x)
        #define XMath_Erf(x) erf(x)
        #define XMath_Sqrt(x) sqrt(x)
        #define XMath_Abs(x) fabs(x)
        #define Float16_Splat(x) ((float16)(x))
        #define Float16_Fma(a, b, c) fma(a, b, c)

        """ + Common;

    /// <summary>CUDA C, compiled without its headers: NVRTC and clang declare what is used here.</summary>
    public const string Cuda = """
        typedef unsigned int uint;
        typedef long long int64;
        typedef unsigned long long uint64;
        #define GLOBAL
        #define LOCAL
        #define SHARED(type, name, length) __shared__ __align__(16) type name[length]
        #define ALIGNED __align__(16)
        #ifdef __clang__
        #define MAY_ALIAS __attribute__((may_alias))
        #else
        #define MAY_ALIAS
        #endif
        #define KERNEL(groupSize) extern "C" __global__ void __launch_bounds__(groupSize)
        #define FUNCTION static __device__ __forceinline__
        #define BARRIER() __syncthreads()
        #define Group_IdxX ((int)threadIdx.x)
        #define Group_DimX ((int)blockDim.x)
        #define Grid_IdxX ((int)blockIdx.x)
        #define Grid_IdxY ((int)blockIdx.y)
        #define Grid_IdxZ ((int)blockIdx.z)
        #define Grid_DimX ((int)gridDim.x)
        #define Grid_DimY ((int)gridDim.y)
        #define Grid_DimZ ((int)gridDim.z)
        #define FLOAT_AS_INT(x) __float_as_uint(x)
        #define INT_AS_FLOAT(x) __uint_as_float(x)
        #define FLOAT4(x, y, z, w) make_float4(x, y, z, w)
        #define XMath_Fma(a, b, c) __fmaf_rn(a, b, c)
        #define XMath_Exp(x) expf(x)
        #define XMath_Log(x) logf(x)
        #define XMath_Tanh(x) tanhf(x)
        #define XMath_Erf(x) erff(x)
        #define XMath_Sqrt(x) __fsqrt_rn(x)
        #define XMath_Abs(x) fabsf(x)

        """ + Common;

    // C#'s meaning of what C leaves open: conversions saturate and take NaN to 0, Max and Min return NaN and order -0 below +0.
    private const string Common = """
        typedef int MAY_ALIAS int_element;
        typedef uint MAY_ALIAS uint_element;
        FUNCTION int int_max(int a, int b) { return a > b ? a : b; }
        FUNCTION int int_min(int a, int b) { return a < b ? a : b; }
        FUNCTION bool float_is_nan(float x) { return x != x; }
        FUNCTION bool float_is_finite(float x) { return (FLOAT_AS_INT(x) & 0x7f800000u) != 0x7f800000u; }
        FUNCTION float float_max(float a, float b)
        {
            return a > b || a != a ? a : a == b ? INT_AS_FLOAT(FLOAT_AS_INT(a) & FLOAT_AS_INT(b)) : b;
        }
        FUNCTION float float_min(float a, float b)
        {
            return a < b || a != a ? a : a == b ? INT_AS_FLOAT(FLOAT_AS_INT(a) | FLOAT_AS_INT(b)) : b;
        }
        FUNCTION int float_to_int(float x)
        {
            return x != x ? 0 : x >= 2147483648.0f ? 2147483647 : x < -2147483648.0f ? -2147483647 - 1 : (int)x;
        }
        FUNCTION uint float_to_uint(float x)
        {
            return !(x > 0.0f) ? 0u : x >= 4294967296.0f ? 4294967295u : (uint)x;
        }
        FUNCTION int64 float_to_int64(float x)
        {
            return x != x ? (int64)0 : x >= 9223372036854775808.0f ? (int64)9223372036854775807L
                : x < -9223372036854775808.0f ? -(int64)9223372036854775807L - 1 : (int64)x;
        }
        FUNCTION uint64 float_to_uint64(float x)
        {
            return !(x > 0.0f) ? (uint64)0 : x >= 18446744073709551616.0f ? (uint64)18446744073709551615UL : (uint64)x;
        }

        """;
}
