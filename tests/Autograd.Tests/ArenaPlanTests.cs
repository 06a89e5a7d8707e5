using FsCheck;
using FsCheck.Fluent;
using P6bNative.Kernels.Devices;

namespace P6bNative.Autograd.Tests;

public class ArenaPlanTests
{
    [Fact]
    public void Blocks_that_live_together_never_overlap()
    {
        Gen<(int Length, int Start, int Span)[]> blocks = Gen.ArrayOf(
            from length in Gen.Choose(1, 100)
            from start in Gen.Choose(0, 30)
            from span in Gen.Choose(0, 10)
            select (length, start, span));
        Prop.ForAll(blocks.ToArbitrary(), drawn =>
        {
            Block[] placed = [.. drawn.Select(b => Live(b.Length, b.Start, b.Start + b.Span))];
            long total = ArenaPlan.Place(placed);
            AssertSound(placed, total);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Memory_is_reused_once_a_block_is_dead()
    {
        Block first = Live(100, 0, 1), second = Live(100, 2, 3), beside = Live(30, 0, 3);
        Assert.Equal(112 + 32, ArenaPlan.Place([first, second, beside]));
        Assert.Equal(first.Offset, second.Offset);
    }

    [Fact]
    public void A_block_used_last_where_another_is_used_first_does_not_share()
    {
        Block read = Live(16, 0, 1), written = Live(16, 1, 2);
        Assert.Equal(32, ArenaPlan.Place([read, written]));
    }

    [Fact]
    public void Tensors_of_random_graphs_that_live_together_never_overlap()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            using var device = new ReferenceDevice();
            using RandomGraph graph = RandomGraph.Create(device, seed);
            TapePlan plan = graph.Tape.Plan!;
            AssertSound([.. plan.Blocks], plan.ArenaLength);
        }
    }

    [Fact]
    public void Gradients_of_random_graphs_survive_the_reuse_of_memory()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            using var device = new ReferenceDevice();
            using RandomGraph graph = RandomGraph.Create(device, seed);
            GradientCheckResult result = GradientCheck.Run(
                $"graph {seed}", graph.Tape, graph.Subject.Variables, graph.Subject.Loss, GradientCheckSettings.DoublePrecision);
            Assert.True(result.RelativeError <= 1e-7, result.ToString());
        }
    }

    [Fact]
    public void The_arena_of_a_deep_tape_is_smaller_than_the_sum_of_its_tensors()
    {
        using var device = new ReferenceDevice();
        using RandomGraph graph = RandomGraph.Create(device, seed: 1);
        Assert.InRange(graph.Tape.ArenaLength, 1, graph.Tape.Plan!.Blocks.Sum(block => block.Length) - 1);
    }

    private static Block Live(long length, int start, int end)
    {
        var block = new Block(length);
        block.LiveAt(start);
        block.LiveAt(end);
        return block;
    }

    private static void AssertSound(Block[] blocks, long total)
    {
        for (int i = 0; i < blocks.Length; i++)
        {
            Assert.Equal(0, blocks[i].Offset % 16);
            Assert.InRange(blocks[i].Offset + blocks[i].Length, 1, total);
            for (int j = 0; j < i; j++)
            {
                bool apart = blocks[i].Offset + blocks[i].Length <= blocks[j].Offset || blocks[j].Offset + blocks[j].Length <= blocks[i].Offset;
                bool together = Math.Max(blocks[i].Start, blocks[j].Start) <= Math.Min(blocks[i].End, blocks[j].End);
                Assert.True(apart || !together, $"blocks {j} and {i} share memory while both are live");
            }
        }
    }
}
