using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Tests.Gpu;

/// <summary>Kernels written by hand in both dialects, as the generator would emit them.</summary>
internal static class ProbeKernels
{
    private const string Parameters =
        "GLOBAL float *y_memory, int64 y_offset, GLOBAL float *x_memory, int64 x_offset, float a, int n";

    private const string Body =
        """
         GLOBAL float *y = (GLOBAL float *)(y_memory + y_offset);
            GLOBAL const float *x = (GLOBAL const float *)(x_memory + x_offset);
            const int i = (int)INDEX;
            if (i < n)
                y[i] = y[i] + a * x[i];
        """;

    private const string Texts =
        $$"""
        KERNEL void Axpy({{Parameters}})
        {
           {{Body}}
        }

        KERNEL void Numbers(GLOBAL float *out_memory, int64 out_offset, GLOBAL float *absent_memory, int64 absent_offset,
            int i, uint u, int64 l, uint64 ul, float f)
        {
            GLOBAL uint *out = (GLOBAL uint *)(out_memory + out_offset);
            if (INDEX == 0)
            {
                out[0] = (uint)i;
                out[1] = u;
                out[2] = (uint)l;
                out[3] = (uint)(l >> 32);
                out[4] = (uint)ul;
                out[5] = (uint)(ul >> 32);
                *(GLOBAL float *)(out + 6) = f;
                out[7] = absent_memory == 0 ? 1u : 0u;
            }
        }

        KERNEL void Groups(GLOBAL float *out_memory, int64 out_offset)
        {
            GLOBAL int *out = (GLOBAL int *)(out_memory + out_offset);
            out[((GROUP_Z * GROUPS_Y + GROUP_Y) * GROUPS_X + GROUP_X) * 4 + ITEM] = 1000 * (int)GROUP_Z + 100 * (int)GROUP_Y + 10 * (int)GROUP_X + (int)ITEM;
        }
        """;

    private const string OpenClPrelude =
        """
        typedef long int64;
        typedef ulong uint64;
        #define KERNEL kernel
        #define GLOBAL global
        #define INDEX get_global_id(0)
        #define ITEM get_local_id(0)
        #define GROUP_X get_group_id(0)
        #define GROUP_Y get_group_id(1)
        #define GROUP_Z get_group_id(2)
        #define GROUPS_X get_num_groups(0)
        #define GROUPS_Y get_num_groups(1)

        """;

    private const string CudaPrelude =
        """
        typedef unsigned int uint;
        typedef long long int64;
        typedef unsigned long long uint64;
        #define KERNEL extern "C" __global__
        #define GLOBAL
        #define INDEX (blockIdx.x * blockDim.x + threadIdx.x)
        #define ITEM threadIdx.x
        #define GROUP_X blockIdx.x
        #define GROUP_Y blockIdx.y
        #define GROUP_Z blockIdx.z
        #define GROUPS_X gridDim.x
        #define GROUPS_Y gridDim.y

        """;

    private const string FillText =
        """
        KERNEL void Fill(GLOBAL float *out_memory, int64 out_offset)
        {
            (out_memory + out_offset)[INDEX] = FIRST + 0.5f * SECOND;
        }
        """;

    private static readonly KernelProgram Probe = Program("Probe", Texts);

    /// <summary>y += a·x</summary>
    public static KernelDescription Axpy { get; } = new(
        "Axpy", Probe, 64,
        [
            new("y", KernelParameterKind.View), new("x", KernelParameterKind.View),
            new("a", KernelParameterKind.Single), new("n", KernelParameterKind.Int32),
        ],
        []);

    /// <summary>Writes back the bits of every kind of argument.</summary>
    public static KernelDescription Numbers { get; } = new(
        "Numbers", Probe, 1,
        [
            new("out", KernelParameterKind.View), new("absent", KernelParameterKind.View), new("i", KernelParameterKind.Int32),
            new("u", KernelParameterKind.Int32), new("l", KernelParameterKind.Int64), new("ul", KernelParameterKind.Int64),
            new("f", KernelParameterKind.Single),
        ],
        []);

    /// <summary>Writes where each work item of a three-dimensional grid stands.</summary>
    public static KernelDescription Groups { get; } = new("Groups", Probe, 4, [new("out", KernelParameterKind.View)], []);

    /// <summary>Fills with FIRST + SECOND/2, both constants of the program.</summary>
    public static KernelDescription Fill { get; } = new(
        "Fill", Program("Filling", FillText), 8, [new("out", KernelParameterKind.View)], ["FIRST", "SECOND"]);

    /// <summary>A program with a text of its own in both dialects.</summary>
    public static KernelProgram Program(string name, string text) => new(name, OpenClPrelude + text, CudaPrelude + text);

    /// <summary>Launches <see cref="Axpy"/> over n elements.</summary>
    public static void LaunchAxpy(GpuDevice device, View y, View x, float a)
    {
        KernelArguments arguments = default;
        arguments.Add(y);
        arguments.Add(x);
        arguments.Add(a);
        arguments.Add((int)y.Length);
        device.Launch(Axpy, new LaunchSize((int)((y.Length + 63) / 64)), arguments);
    }
}
