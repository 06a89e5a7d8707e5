using System.Reflection;
using P6bNative.Kernels.Devices;
using Buffer = P6bNative.Kernels.Devices.Buffer;

namespace P6bNative.KernelCompiler.Tests;

/// <summary>The C# that the generator adds: descriptions, launch overloads, catalog.</summary>
public class LaunchTests
{
    private const string Sums =
        """
        /// <summary>sums[g] = factor * the sum of the group's elements, in a fixed tree.</summary>
        [Kernel(64)]
        public static void GroupSums(ArrayView<float> x, ArrayView<float> sums, float factor, SpecializedValue<int> quads)
        {
            var shared = SharedMemory.Allocate<float>(64);
            ArrayView<Float4> own = x.SubView((Grid.IdxX * 64 + Group.IdxX) * quads * 4, quads * 4).Cast<Float4>();
            float sum = 0f;
            for (int i = 0; i < quads; i++)
                sum += own[i].X + own[i].Y + own[i].Z + own[i].W;
            shared[Group.IdxX] = sum;
            Group.Barrier();
            for (int half = 32; half > 0; half /= 2)
            {
                if (Group.IdxX < half)
                    shared[Group.IdxX] += shared[Group.IdxX + half];
                Group.Barrier();
            }
            if (Group.IdxX == 0)
                sums[Grid.IdxX] = factor * shared[0];
        }
        """;

    [Fact]
    public void Description_NamesParametersAndConstants()
    {
        KernelDescription kernel = Translation.OfClass(Sums).Kernel("GroupSums");
        Assert.Equal("GroupSums", kernel.Name);
        Assert.Equal("K", kernel.Program.Name);
        Assert.Equal(64, kernel.GroupSize);
        Assert.Equal(["x", "sums", "factor"], kernel.Parameters.Select(parameter => parameter.Name));
        Assert.Equal(["View", "View", "Single"], kernel.Parameters.Select(parameter => parameter.Kind.ToString()));
        Assert.Equal(["GroupSums_quads"], kernel.Specializations);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Launch_RunsTheKernel(int quads)
    {
        var translation = Translation.OfClass(Sums);
        using GpuDevice device = KernelRun.OpenDevice();
        const int Groups = 5;
        using Buffer x = device.Allocate(Groups * 64 * 4 * quads), sums = device.Allocate(Groups);
        float[] values = [.. Enumerable.Range(0, (int)x.Length).Select(i => (float)(i % 97))];
        device.Upload(values, x.All);
        Launch(translation, device, x.All, sums.All, quads);
        float[] result = new float[Groups];
        device.Download(sums.All, result);
        // Small whole numbers: exact in any order.
        Assert.Equal(values.Chunk(64 * 4 * quads).Select(part => 0.5f * part.Sum()), result);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(32768)]
    public void Launch_RefusesSpecializedValuesOutOfRange(int quads)
    {
        var thrown = Assert.Throws<TargetInvocationException>(() => Launch(Translation.OfClass(Sums), null, default, default, quads));
        Assert.Equal("quads", Assert.IsType<ArgumentOutOfRangeException>(thrown.InnerException).ParamName);
    }

    [Fact]
    public void Catalog_ListsEveryKernel()
    {
        var translation = Translation.Of(
            """
            internal static partial class A
            {
                [Kernel(1)] public static void First(ArrayView<float> x) => x[0] = 1f;

                [Kernel(1)] public static void Second(ArrayView<float> x) => x[0] = 2f;
            }

            internal static partial class B
            {
                [Kernel(1)] public static void Third(ArrayView<float> x) => x[0] = 3f;
            }
            """);
        Assert.Equal(["First", "Second", "Third"], translation.Catalog().Select(kernel => kernel.Name));
    }

    private static void Launch(Translation translation, GpuDevice? device, View x, View sums, int quads) =>
        translation.LaunchOverload("GroupSums").Invoke(null, [device, new LaunchSize(5), x, sums, 0.5f, quads]);
}
