using P6bNative.Trainer.Evaluation.FiveCat;

namespace P6bNative.Trainer.Tests.Evaluation.FiveCat;

public class PythonRandomTests
{
    [Fact]
    public void Shuffles_as_Python_does()
    {
        // random.Random(17).shuffle([0, 1, 2, 3, 4]), one generator.
        string[] expected = ["02134", "03412", "21340", "01423", "40213", "32041", "13402", "41032"];
        var random = new PythonRandom(17);
        Assert.Equal(expected, expected.Select(_ => string.Concat(Shuffled(random, 5))));
    }

    [Fact]
    public void Goes_on_as_Python_does_when_the_state_is_used_up()
    {
        // The 1000th permutation lies beyond the first 624 words; and a longer list, with another seed.
        var random = new PythonRandom(17);
        for (int i = 0; i < 999; i++) Shuffled(random, 5);
        Assert.Equal([2, 0, 4, 3, 1], Shuffled(random, 5));
        Assert.Equal([0, 6, 1, 5, 8, 2, 7, 4, 11, 3, 9, 10], Shuffled(new PythonRandom(4294967295), 12));
    }

    private static int[] Shuffled(PythonRandom random, int length)
    {
        int[] values = [.. Enumerable.Range(0, length)];
        random.Shuffle(values);
        return values;
    }
}
