import { rooms } from '../support/rooms';
import { expect, pageOf, stranger, test, words } from '../support/test';

/** What a page is built of, as one who hears it meets it; figures and names are left open. */
const outlines: Record<string, string> = {
  login: `
    - banner:
      - button "中文 (Language)"
    - main:
      - heading "Sign in" [level=1]
      - textbox "Login"
      - textbox "Password"
      - button "Sign in"
      - paragraph:
        - link "The rules in force"
      - region "Look around as":
        - list
  `,
  morning: `
    - link "Skip to the content"
    - navigation "Rooms":
      - list:
        - listitem:
          - link "Morning"
    - banner:
      - navigation "Area"
      - group "Date"
      - combobox "Find an area"
    - main:
      - heading [level=1]
      - button "Print"
      - link "Download as XLSX"
      - region "Key figures"
      - region "Epidemic curve":
        - heading "Epidemic curve" [level=2]
        - img /Bars of new confirmed cases/
      - region "Areas below":
        - heading "Areas below" [level=2]
        - group "Measure"
        - group "View"
        - list
      - region "Since yesterday morning"
      - region "Missing reports"
      - region "Late matters"
      - region "Where this comes from"
  `,
  'case open': `
    - main:
      - heading "Line list" [level=1]
      - button "Choose columns"
      - search
      - region "Line list":
        - table
      - complementary "Case":
        - link "Close"
        - article:
          - heading [level=2]
          - navigation "Parts of the investigation"
          - region "Deadlines"
          - region "How it stands"
          - button "Revise"
          - region "Samples":
            - button "Add a sample"
          - region "Itinerary":
            - button "Add a stay"
          - region "Contacts":
            - button "Name a contact"
          - region "Who infected whom":
            - button "State a link"
          - region "Investigation":
            - button "Investigation complete"
          - region "Pass by the policy in force":
            - term: Why
            - term: Rule
          - region "Personal data"
          - region "What changed, and who changed it":
            - list
  `,
  'report a case': `
    - main:
      - heading "Line list" [level=1]
      - complementary "Report a case":
        - heading "Report a case" [level=2]
        - group "Who it is":
          - textbox "Name"
          - textbox "Document number"
          - textbox "Phone"
          - textbox "Born"
        - combobox "Area"
        - group "How it stands":
          - combobox "Classification"
        - group "Course":
          - textbox "First symptoms"
          - group "Symptoms"
        - button "Report"
  `,
  contacts: `
    - main:
      - heading "Contacts" [level=1]
      - navigation "Parts of this room":
        - link "All"
        - link /^To follow/
      - list "Numbers of contact tracing"
      - search
      - button "Add a filter"
  `,
  'matter open': `
    - main:
      - heading "Matters" [level=1]
      - link "Open a matter"
      - navigation "Whose matters":
        - link "Mine"
        - link "My area’s"
        - link "Late"
        - link "All"
      - region "Matters":
        - table
      - complementary "Matter":
        - article:
          - heading [level=2]
          - region "How it went":
            - list
  `,
  'new matter': `
    - main:
      - heading "Matters" [level=1]
      - complementary "Open a matter":
        - heading "Open a matter" [level=2]
        - combobox "Kind"
        - textbox "What is to be done"
        - textbox "More about it"
        - combobox "Area"
        - combobox "Who is to do it"
        - textbox "Deadline"
        - button "Open"
  `,
  'public policy': `
    - banner:
      - button "中文 (Language)"
      - link "Sign in"
    - main:
      - heading "The rules in force" [level=1]
      - button "Print"
      - term: In force since
      - term: Version
      - navigation "On this page":
        - list
      - region "Pass":
        - heading "Pass" [level=2]
        - list "Possible outcomes"
        - list:
          - listitem:
            - heading [level=3]
            - term: Applies to
            - group: /Show as written/
      - region "Quarantine"
      - region "Contacts"
      - region "Entry"
      - region "Area risk"
      - region "Reopening"
      - region "Numbers that the rules use":
        - table
      - region "What is known of the disease":
        - table
      - region "Deadlines":
        - table
      - region "Settings of the calculations"
  `,
  'policy version open': `
    - main:
      - heading "Policy" [level=1]
      - navigation "Parts of this room":
        - link "In force"
        - link "Versions"
        - link "Try it"
      - link "Propose a version"
      - list "Versions":
        - listitem:
          - link
      - region "Version":
        - link "Close"
        - article:
          - heading [level=2]
          - term: Standing
          - term: Proposed
  `,
  'new policy version': `
    - main:
      - heading "Policy" [level=1]
      - region "Propose a version":
        - heading "Propose a version" [level=2]
        - button /Start from the version in force/
        - textbox "The policy file (TOML)"
        - status: The file is whole.
        - region "What it changes against the version in force"
        - group "When is it to be in force?":
          - radio "From a day and time"
          - radio "As soon as it is approved"
        - textbox "Why is it proposed?"
        - button "Propose"
  `,
  'policy tried': `
    - main:
      - heading "Policy" [level=1]
      - combobox "Question"
      - textbox "Asked for the day"
      - heading "What is known" [level=2]
      - combobox /stands as a case/
      - region "Decision and how it came about":
        - region "Decision":
          - heading "Decision" [level=2]
        - region "How it came about":
          - list
  `,
  password: `
    - main:
      - heading "Change your password" [level=1]
      - textbox "Present password"
      - textbox "New password"
      - textbox "New password once more"
      - button "Change password"
  `,
  imports: `
    - main:
      - heading "Imports" [level=1]
      - form "Bring in a file":
        - combobox "What it holds"
        - combobox "Area"
        - checkbox /Only check it/
        - button "Check the file"
      - region "Earlier imports"
  `,
  accounts: `
    - main:
      - heading "Accounts" [level=1]
      - region "Accounts":
        - table
      - complementary "Open an account":
        - textbox "Login"
        - textbox "Name"
        - combobox "Role"
        - combobox "Area"
        - button "Open account"
  `,
  audit: `
    - main:
      - heading "Audit" [level=1]
      - button "Add a filter"
      - region "Facts":
        - table
      - region "Is the ledger whole?":
        - button "Verify now"
      - region "Checkpoints"
  `,
  tokens: `
    - main:
      - heading "API tokens" [level=1]
      - form "Make a token":
        - textbox "What it is for"
        - spinbutton "Days"
        - group "What it may do"
        - button "Make token"
      - region "Your tokens"
  `,
};

for (const [name, outline] of Object.entries(outlines)) {
  test(`${name} is built as it should be heard`, async ({ browser }) => {
    const room = rooms[name]!;
    const page = room.role === null ? await stranger(browser) : await pageOf(browser, room.role);
    await page.goto(room.path);
    await room.ready(page, words.en);
    await expect(page.locator('body')).toMatchAriaSnapshot(outline);
  });
}
