using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace Dub.Clerk.Host.Tests.Browsers;

/// <summary>What axe finds wrong with a page.</summary>
/// <remarks>Run in the page itself, once it is there: the package for Playwright loads it anew for each look, twice, and in a browser context of its own.</remarks>
internal static class Axe
{
    private static readonly string Script = new BundledAxeScriptProvider().GetScript();

    /// <param name="page">What is looked at.</param>
    /// <param name="rules">All when empty.</param>
    /// <param name="exclude">What is not ours to mend.</param>
    /// <returns>Each fault, and where it is.</returns>
    public static async Task<string[]> FindFaultsAsync(IPage page, string[]? rules = null, string[]? exclude = null)
    {
        if (!await page.EvaluateAsync<bool>("() => 'axe' in window"))
        {
            await page.EvaluateAsync(Script);
        }

        return await page.EvaluateAsync<string[]>(
            """
            async ({ rules, exclude }) => {
              const { violations } = await axe.run({ include: [['html']], exclude }, rules.length > 0 ? { runOnly: rules } : {});
              return violations.map(fault => `${fault.id}: ${fault.nodes.map(node => node.html).join(', ')}`);
            }
            """,
            new { rules = rules ?? [], exclude = (exclude ?? []).Select(selector => new[] { selector }).ToArray() });
    }
}
