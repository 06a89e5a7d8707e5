namespace P6bNative.Trainer.Tests.Data;

/// <summary>Files written by numpy (Fixtures/data/make_fixtures.py), copied beside the test program.</summary>
internal static class Fixture
{
    public static string Of(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "data", name);
}
